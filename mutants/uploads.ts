import { mutantsOf, type Mutant } from './mutant.ts';

/** Rule 9: uploads and leftovers. */
export const uploads: readonly Mutant[] = [
  ...mutantsOf('job/endings.ts', [
    {
      id: 'uploads/only-when-terminal',
      breaks: '9: uploads are deleted ONLY when their batch is proven terminal',
      find: `if (verdict.terminal) await removeUploadAtEnd`,
      replace: `await removeUploadAtEnd`,
    },
    {
      id: 'uploads/when-terminal',
      breaks: '9: uploads are DELETED when their batch is proven terminal (after a failure too)',
      find: `if (verdict.terminal) await removeUploadAtEnd`,
      replace: `if (verdict.result === 'Succeeded') await removeUploadAtEnd`,
    },
  ]),
  ...mutantsOf('cleanup.ts', [
    {
      id: 'uploads/post-only-when-terminal',
      breaks: '9: uploads are deleted ONLY when their batch is proven terminal (post)',
      find: `if (ended && folder !== '')`,
      replace: `if (folder !== '')`,
    },
    {
      id: 'uploads/post-when-terminal',
      breaks: '9: uploads are DELETED when their batch is proven terminal (post)',
      find: `if (ended && folder !== '')`,
      replace: `if (!ended && folder !== '')`,
    },
    {
      id: 'uploads/post-not-found-is-no-end',
      breaks:
        '9: uploads are deleted ONLY when their batch is proven terminal (not found is no proof)',
      find: `\${digitsOf(nonces)}.\`,\n    );\n    return false;`,
      replace: `\${digitsOf(nonces)}.\`,\n    );\n    return true;`,
    },
    {
      id: 'uploads/post-left-running',
      breaks: '9: uploads are deleted only when … terminal (left running by `cancel-on`)',
      find: `return !left && ended.every(Boolean);`,
      replace: `return ended.every(Boolean);`,
    },
    {
      id: 'uploads/post-all-ended',
      breaks: '9: uploads are deleted only when … terminal (a batch and its twin)',
      find: `return !left && ended.every(Boolean);`,
      replace: `return !left && ended.some(Boolean);`,
    },
  ]),
  ...mutantsOf('job/job-folder.ts', [
    {
      id: 'uploads/folder-a-submission',
      breaks: '2, `upload-path`: folder for uploads, A SUBFOLDER A SUBMISSION',
      find: '`${step.inputs.uploadPath}/${name}`',
      replace: 'step.inputs.uploadPath',
    },
  ]),
  ...mutantsOf('job/early-upload.ts', [
    {
      id: 'uploads/by-names-proven',
      breaks:
        '1: the job that runs is the file of the checkout (names that lead to another lakehouse)',
      find: `      if (await taken(lake.publish(path, source.size, options.signal))) return;\n`,
      replace: `      return this.#byNames.publish(path, source.size, options.signal);\n`,
    },
    {
      id: 'uploads/by-names-refused',
      breaks: '2, `file`: is uploaded (also where OneLake knows no such names)',
      find: `'NOT_FOUND', 'FORBIDDEN', 'REQUEST_REFUSED'`,
      replace: `'FORBIDDEN', 'REQUEST_REFUSED'`,
    },
    {
      id: 'uploads/by-names-on-a-rerun',
      breaks: '2, `on-rerun`: attach submits nothing (and uploads nothing)',
      find: `  if (Number(runIdentity(step).attempt) > 1) return undefined;\n`,
      replace: ``,
    },
  ]),
  ...mutantsOf('cleanup.ts', [
    {
      id: 'uploads/by-names-in-post',
      breaks:
        '3: nothing left behind (an upload by names, when main was killed before it knew the ids)',
      find: `if (nowhere && folder === '') return true;`,
      replace: `if (nowhere) return true;`,
    },
  ]),
  ...mutantsOf('job/upload-folder.ts', [
    {
      id: 'uploads/keep',
      breaks: '2, `keep-upload`: keep uploads after the batch’s end',
      find: `if (inputs.keepUpload) {`,
      replace: `if (inputs.keepUpload && folder === '') {`,
    },
  ]),
  ...mutantsOf('fabric/onelake.ts', [
    {
      id: 'uploads/whole-file',
      breaks: '1: the job that runs is the file of the checkout (every block of it)',
      find: `        next += blockSize;\n`,
      replace: `        next += 2 * blockSize;\n`,
    },
    {
      id: 'uploads/refused-block',
      breaks: '1: the job that runs is the file of the checkout (a refused write ends the step)',
      find: `{ method: 'PATCH', url }, [200], signal);`,
      replace: `{ method: 'PATCH', url }, [200, 400, 412], signal);`,
    },
    {
      id: 'uploads/folder-with-content',
      breaks: '9: uploads are DELETED (the folder with what is in it)',
      find: `'?recursive=true'`,
      replace: `'?recursive=false'`,
    },
  ]),
];
