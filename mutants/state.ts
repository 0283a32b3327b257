import { mutantsOf, type Mutant } from './mutant.ts';

/** Rule 4: what a step needs for cleaning up is saved before that step. */
export const state: readonly Mutant[] = [
  ...mutantsOf('job/place.ts', [
    {
      id: 'state/ids',
      breaks: '4: saved before: ids and hosts',
      find: `  save(world.runner, 'lakehouseId', lakehouse.id);\n`,
      replace: ``,
    },
    {
      id: 'state/no-secrets',
      breaks: '4: state holds no secrets',
      find: `save(world.runner, 'workspaceId', workspace.id);`,
      replace: `save(world.runner, 'workspaceId', workspace.id);\n  world.runner.saveState('inputs', JSON.stringify(inputs));`,
    },
  ]),
  ...mutantsOf('job/plan.ts', [
    {
      id: 'state/upload-folder',
      breaks: '4: saved before: the upload folder BEFORE ITS FIRST BYTE',
      find: `  beginUploads(step, lake, folder);\n`,
      replace: `  step.upload = { lake, folder };\n`,
    },
  ]),
  ...mutantsOf('job/early-upload.ts', [
    {
      id: 'state/upload-folder-by-names',
      breaks:
        '4: saved before: the upload folder BEFORE ITS FIRST BYTE (while names are turned into ids)',
      find: `    beginUploads(step, byNames, folder);\n`,
      replace: `    step.upload = { lake: byNames, folder };\n`,
    },
  ]),
  ...mutantsOf('job/submission.ts', [
    {
      id: 'state/nonce',
      breaks: '4: saved before: the nonce BEFORE THE POST',
      find: `  save(runner, 'nonce', nonce);\n`,
      replace: `  void clock.sleep(50).then(() => save(runner, 'nonce', nonce));\n`,
    },
    {
      id: 'state/batch-id',
      breaks: '4: saved: the batch id in the same tick as the reply',
      find: `  save(runner, 'batchId', submitted.id);\n`,
      replace: ``,
    },
    {
      id: 'state/earlier-batch',
      breaks: '4: saved before: what post has to look for (an earlier batch of the step is over)',
      find: `    save(runner, 'batchId', '');\n`,
      replace: ``,
    },
  ]),
  ...mutantsOf('job/endings.ts', [
    {
      id: 'state/cause',
      breaks: '4: saved before the DELETE: why it is sent, so that post does the same',
      find: `  save(runner, 'cause', cause);\n`,
      replace: ``,
    },
  ]),
];
