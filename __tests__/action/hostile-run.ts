import { chmodSync, existsSync, readFileSync, writeFileSync } from 'node:fs';
import type { BatchScript, ScriptStep } from '../../local/engine/scripted.ts';
import { defaultIds } from '../../local/settings.ts';
import { asLog, brokenLines, flood, join, longLines } from './hostile-bytes.ts';
import { commandLines, fenceGuesses } from './hostile-lines.ts';

/** Changes when it is URL-encoded, which is masked as well. */
export const secret = 'Kp7~w/+n%sEcret=of&the*app';

/** The secret as a log may hold it: as it is, in a URL, in a form, in base64 alone or as basic authentication. */
export const secretForms: readonly string[] = [
  secret,
  encodeURIComponent(secret),
  new URLSearchParams({ s: secret }).toString().slice(2),
  Buffer.from(secret).toString('base64'),
  Buffer.from(secret).toString('base64').replaceAll('=', ''),
  Buffer.from(`${defaultIds.client}:${secret}`).toString('base64'),
];

type Stream = 'stdout' | 'stderr';

const bytesOf = (text: string): Uint8Array => new TextEncoder().encode(text);
/** Lines within a second. */
const floods = { stdout: 200_000, stderr: 20_000 };
const guessed = '0f0e0d0c-1b2a-4c3d-8e4f-5a6b7c8d9e0f';

/** What the job prints at a time; `seen`: the tokens of all fences that stood in the job log so far. */
interface Moment {
  at: number;
  bytes: (seen: readonly string[], stream: Stream) => Uint8Array;
}

/** Ends in the middle of a secret and of a fence: the rest comes with the tick after. */
const moments: readonly Moment[] = [
  {
    at: 0,
    bytes: () =>
      join([
        asLog(commandLines),
        asLog(fenceGuesses([guessed, 'token', ''])),
        bytesOf(`::stop-commands::${guessed}\nkey=${secret.slice(0, 11)}`),
      ]),
  },
  {
    at: 1.5,
    bytes: () =>
      join([
        bytesOf(`${secret.slice(11)};\n${secret}${secret}\n`),
        asLog(secretForms.map((form) => `in another form: ${form}&`)),
        asLog(brokenLines),
        bytesOf(`${'='.repeat(990)}${secret}::error::pwned\n::stop-com`),
      ]),
  },
  ...Array.from({ length: 10 }, (_, part) => ({
    at: 3 + part / 10,
    bytes: (_: unknown, stream: Stream) =>
      join([bytesOf(part === 0 ? 'mands::pwned\n' : ''), flood(part, 10, floods[stream])]),
  })),
  {
    at: 5,
    bytes: (seen) =>
      join([
        asLog(fenceGuesses(seen)),
        asLog(longLines()),
        bytesOf(`::${seen.at(-1)?.slice(0, 20) ?? ''}`),
      ]),
  },
  {
    at: 7,
    bytes: (seen) =>
      join([
        bytesOf(`${seen.at(-1)?.slice(20) ?? ''}::\n`),
        asLog(fenceGuesses(seen)),
        asLog(commandLines),
        bytesOf('no end ::error::pwned \u001b[3'),
      ]),
  },
];

/** A job whose two logs do what they can; the fences that it saw stand in it again. */
export class HostileJob {
  /** Takes the place of the node binary, and keeps what the action prints while it prints. */
  readonly node: string;
  /** Tokens that were there to be used when a part of the log was written. */
  readonly replayed = new Set<string>();
  readonly #printed: string;
  readonly #served: Record<Stream, (Uint8Array | undefined)[]> = { stdout: [], stderr: [] };

  constructor(folder: string) {
    this.#printed = `${folder}/printed`;
    this.node = `${folder}/node`;
    writeFileSync(
      this.node,
      `#!/usr/bin/env bash\nexec '${process.execPath}' "$@" > >(tee -a '${this.#printed}')\n`,
    );
    chmodSync(this.node, 0o755);
  }

  get script(): BatchScript {
    const steps = moments.map(({ at }, index): ScriptStep => {
      const part = (stream: Stream): Uint8Array => this.#part(stream, index);
      return {
        at,
        // Not before the time has come: only then is it known what stands in the job log.
        get stdout() {
          return part('stdout');
        },
        get stderr() {
          return part('stderr');
        },
      };
    });
    return { steps: [{ at: 0, phase: 'running' }, ...steps, { at: 7, phase: 'success' }] };
  }

  /** All bytes of a log. */
  written(stream: Stream): Uint8Array {
    return join(moments.map((_, index) => this.#part(stream, index)));
  }

  #part(stream: Stream, index: number): Uint8Array {
    const made = this.#served[stream][index] ?? moments[index]?.bytes(this.#tokens(), stream);
    return (this.#served[stream][index] = made ?? new Uint8Array());
  }

  #tokens(): string[] {
    const printed = existsSync(this.#printed) ? readFileSync(this.#printed, 'utf8') : '';
    const tokens = printed
      .split('\n')
      .filter((line) => line.startsWith('::stop-commands::') && line.length === 53)
      .map((line) => line.slice(-36));
    for (const token of tokens) this.replayed.add(token);
    return tokens.filter((token) => token !== guessed).slice(-40);
  }
}

/** A job log taken apart, as one reads it who knows where the fences stand. */
export interface Printed {
  groups: { name: string; lines: string[] }[];
  /** The driver's stdout: all that is in no group, less our own lines. */
  stdout: string[];
  stderr: string[];
  /** Our own lines: outside of groups and fences, where they begin with a heading. */
  own: string[];
  tokens: string[];
  /** Lines outside of fences that begin as a command does, but those of groups and fences. */
  commands: string[];
}

export function takeApart(lines: readonly string[], heading?: RegExp): Printed {
  const printed: Printed = {
    groups: [],
    stdout: [],
    stderr: [],
    own: [],
    tokens: [],
    commands: [],
  };
  let group: string[] | undefined;
  let token: string | undefined;
  for (const line of lines) {
    if (token !== undefined) {
      if (line === `::${token}::`) token = undefined;
      else (group ?? printed.stdout).push(line);
    } else if (line.startsWith('::stop-commands::')) {
      token = line.slice(17);
      printed.tokens.push(token);
    } else if (line.startsWith('::group::')) {
      group = [];
      printed.groups.push({ name: line.slice(9), lines: group });
    } else if (line === '::endgroup::') group = undefined;
    else if (line.startsWith('::')) printed.commands.push(line);
    else if (!group && heading?.test(line) === true) printed.own.push(line);
    else (group ?? printed.stdout).push(line);
  }
  if (token !== undefined) throw new Error('A fence was left open.');
  for (const { lines: folded } of printed.groups)
    for (const line of folded) printed.stderr.push(line);
  return printed;
}
