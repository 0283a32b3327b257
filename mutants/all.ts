import { endings } from './endings.ts';
import { forPeople } from './for-people.ts';
import { markdown } from './markdown.ts';
import type { Mutant } from './mutant.ts';
import { nobodyIn } from './nobody-in.ts';
import { nothingLeft } from './nothing-left.ts';
import { oneSubmit } from './one-submit.ts';
import { outputs } from './outputs.ts';
import { polite } from './polite.ts';
import { secrets } from './secrets.ts';
import { shownLog } from './shown-log.ts';
import { signIn } from './sign-in.ts';
import { state } from './state.ts';
import { twins } from './twins.ts';
import { uploads } from './uploads.ts';
import { verdict } from './verdict.ts';
import { wholeLog } from './whole-log.ts';

/** Every mutant, by the section or rule whose sentences it breaks. */
export const allMutants: readonly Mutant[] = [
  ...verdict,
  ...endings,
  ...oneSubmit,
  ...twins,
  ...nothingLeft,
  ...state,
  ...wholeLog,
  ...shownLog,
  ...signIn,
  ...polite,
  ...secrets,
  ...nobodyIn,
  ...markdown,
  ...uploads,
  ...forPeople,
  ...outputs,
];

/** What the design promises and `src/` does not have yet: mutants of it come with it. */
export const notYet: readonly string[] = [
  '3, endings: `wait: false`: left running, marked `detached`; result Submitted',
  '3, endings: a batch `followed` by `batch-id` is not ours, and is touched only if `cancel-on` is set',
  '3, endings: a batch is ours if `attached` through `on-rerun`',
  '2: lineage matching of `on-rerun`; the tag `detached`',
  '4: ownership is saved',
  '5: the Livy log of Apache Livy (`/batches/{id}/log`)',
  '8: regional or private-link hosts that the workspace itself names',
  '8: XML with a DOCTYPE is refused, sizes and depth bounded',
  '9: after `wait: false` uploads stay; `sweep`',
];
