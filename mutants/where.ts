/**
 * Where a mutant is looked for first: the tests of its rule, by the beginning of its id. Only a
 * shortcut; what is not found there is looked for everywhere.
 */
export const where: Readonly<Record<string, readonly string[]>> = {
  'verdict/': ['unit/livy/verdict', 'service/verdicts', 'action/run', 'action/signals'],
  'endings/': ['unit/job/', 'service/endings', 'service/sign-in-lasts', 'action/signals'],
  'one-submit/': [
    'unit/livy/',
    'unit/http/',
    'service/submit',
    'service/unconfirmed',
    'action/run',
  ],
  'twins/': ['service/twins', 'service/unconfirmed', 'action/'],
  'nothing-left/': [
    'unit/job/',
    'unit/livy/',
    'service/endings',
    'service/twins',
    'action/signals',
  ],
  'state/': ['service/happy', 'service/submit', 'service/endings', 'action/signals'],
  'whole-log/': [
    'unit/log/',
    'service/log.',
    'service/rolled',
    'service/log-limit',
    'service/endings',
  ],
  'shown-log/': [
    'unit/log/',
    'unit/runner',
    'service/hostile-log',
    'service/masks',
    'action/hostile',
  ],
  'sign-in/': ['unit/auth/', 'service/sign-in-lasts', 'service/endings', 'service/refusals'],
  'polite/': ['unit/http/', 'unit/job/', 'unit/inputs/', 'service/polite', 'service/log.'],
  'secrets/': ['unit/auth/', 'unit/http/', 'unit/inputs/', 'service/masks', 'service/refusals'],
  'nobody-in/': ['unit/inputs/', 'unit/http/hosts', 'unit/auth/', 'service/untrusted'],
  'markdown/': ['unit/report/'],
  'reruns/': [
    'unit/livy/lineage',
    'unit/livy/placeholders',
    'unit/livy/request',
    'service/reruns',
    'service/placeholders',
  ],
  'hand-over/': [
    'unit/inputs/inputs',
    'unit/livy/placeholders',
    'service/hand-over',
    'service/cancel-operation',
    'service/job-output',
    'service/dry-run',
  ],
  'sweep/': ['unit/github/', 'service/sweep'],
  'outputs/': ['service/happy', 'service/endings', 'service/refusals', 'service/submit', 'action/'],
  'uploads/': ['service/happy', 'service/endings', 'service/refusals', 'service/submit'],
  'for-people/': [
    'unit/report/',
    'unit/auth/',
    'unit/inputs/',
    'service/refusals',
    'service/verdicts',
    'action/run',
  ],
};
