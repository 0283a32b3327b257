import { mutantsOf, type Mutant } from './mutant.ts';

/** Rule 9: `operation: sweep`. */
export const sweep: readonly Mutant[] = [
  ...mutantsOf('job/sweep.ts', [
    {
      id: 'sweep/active',
      breaks: '9: cancels ACTIVE batches',
      find: `batch.id !== undefined && !isOver(batch)`,
      replace: `batch.id !== undefined`,
    },
    {
      id: 'sweep/this-repository',
      breaks: '9: of THIS REPOSITORY',
      find: `const ours = repository !== '' && tags['repository']?.toLowerCase() === repository;`,
      replace: `const ours = repository !== '';`,
    },
    {
      id: 'sweep/not-this-run',
      breaks: '9: whose workflow run has ENDED (not this one)',
      find: ` && runId !== env('GITHUB_RUN_ID')`,
      replace: ``,
    },
    {
      id: 'sweep/detached',
      breaks: '9: EXCEPT `detached` ones',
      find: `found.filter(({ tags }) => tags['detached'] !== 'true')`,
      replace: `found.filter(() => true)`,
    },
    {
      id: 'sweep/run-under-way',
      breaks: '9: whose workflow run HAS ENDED',
      find: `if (state?.kind === 'ended') ended.push(batch);`,
      replace: `if (state?.kind !== 'unknown') ended.push(batch);`,
    },
    {
      id: 'sweep/unreadable-run',
      breaks: '9: except … runs whose state it CANNOT READ',
      find: `if (state?.kind === 'ended') ended`,
      replace: `if (state?.kind !== 'active') ended`,
    },
    {
      id: 'sweep/needs-the-right',
      breaks: '9: `sweep` (with `actions: read`)',
      find: `    if (!state.forbidden) return;\n`,
      replace: `    if (state.forbidden) return;\n`,
    },
    {
      id: 'sweep/dry-run',
      breaks: '2, `dry-run`: nothing is cancelled',
      find: `    if (inputs.dryRun) {\n`,
      replace: `    if (inputs.dryRun && what === '') {\n`,
    },
    {
      id: 'sweep/age-of-uploads',
      breaks: '9: upload folders OLDER THAN 7 DAYS',
      find: `const oldUpload = 7 * 24`,
      replace: `const oldUpload = 6 * 24`,
    },
    {
      id: 'sweep/our-uploads',
      breaks: '9: OUR upload folders',
      find: `nonceOfFolder(name, owner) !== undefined && now`,
      replace: `now`,
    },
    {
      id: 'sweep/uploads-in-use',
      breaks: '9: with NO ACTIVE BATCH',
      find: `needed.some((text) => text.includes(nonce) || carriesName(text, nonce))`,
      replace: `needed.some((text) => text === name)`,
    },
    {
      id: 'sweep/unreadable-batch-keeps-uploads',
      breaks: '9: no active batch (one that cannot be read may need it)',
      find: `if (answer?.status !== 200) return undefined;`,
      replace: `if (answer?.status !== 200) continue;`,
    },
    {
      id: 'sweep/dry-run-keeps-uploads',
      breaks: '2, `dry-run`: nothing is deleted',
      find: `else if (inputs.dryRun) this.notes`,
      replace: `else if (!inputs.dryRun) this.notes`,
    },
    {
      id: 'sweep/waits-for-the-end',
      breaks: '9: cancels (and is red when the end is not proven)',
      find: `if (end.kind !== 'active') {`,
      replace: `if (end.kind.length > 0) {`,
    },
  ]),
  ...mutantsOf('job/upload-folder.ts', [
    {
      id: 'sweep/uploads-of-this-repository',
      breaks: '9: OUR upload folders (upload-path may be shared by repositories)',
      find: `return digits === ownerDigits(owner) ? nonce : undefined;`,
      replace: `return digits === undefined ? undefined : nonce;`,
    },
  ]),
  ...mutantsOf('github/runs.ts', [
    {
      id: 'sweep/completed',
      breaks: '9: whose workflow run has ended (GitHub: `completed`)',
      find: `status === 'completed' ? 'ended' : 'active'`,
      replace: `status === 'in_progress' ? 'active' : 'ended'`,
    },
  ]),
  ...mutantsOf('github/api.ts', [
    {
      id: 'sweep/token-host',
      breaks: '8: the token goes to the host that is named, over https',
      find: `(url.protocol !== 'https:' && !isLoopback(url.hostname))`,
      replace: `url.protocol === 'ftp:'`,
    },
  ]),
];
