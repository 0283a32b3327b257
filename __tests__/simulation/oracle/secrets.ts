import { fenceToken, type SimulatedRunner } from '../runner.ts';
import type { Check } from './truth.ts';

/** Nothing secret was printed, saved or set, and no text from elsewhere acted as a command. */
export const nothingSecret: Check = (trace, leg) => {
  const { authority, secret } = trace.stage;
  // A step that signs in with OIDC does not know the client secret that its job may print.
  const secrets = authority.secrets.filter(
    (one) => one !== secret || leg.plan.identity === 'secret',
  );
  const wrong: string[] = [];
  for (const runner of [leg.main, leg.post]) {
    if (!runner) continue;
    const places: Record<string, string> = {
      'the log': runner.written,
      'the summary': runner.summaryText,
      outputs: Object.values(runner.outputs).join('\n'),
      'the saved state': Object.values(runner.states).join('\n'),
    };
    for (const [where, text] of Object.entries(places))
      if (secrets.some((one) => text.includes(one.startsWith('s3cret') ? one.slice(0, 16) : one)))
        wrong.push(`a secret stands in ${where}`);
    wrong.push(...commands(runner));
  }
  return wrong;
};

const ours = new Set(['notice', 'warning', 'error', 'group', 'endgroup']);

/** Reads the output as the runner does: commands count, but not between the two marks of a fence. */
function commands(runner: SimulatedRunner): string[] {
  const wrong: string[] = [];
  let expected = runner.printed.filter(({ kind }) => kind !== 'info' && kind !== 'remote').length;
  let fence = false;
  for (const line of runner.written.split(/\r\n|\n|\r/)) {
    const text = line.trimStart().replace(/^[\u0085\u200b]+/, '');
    if (fence) {
      fence = text !== `::${fenceToken}::`;
      continue;
    }
    const name = /^::([\w-]+)(?: [^:]*)?::/.exec(text)?.[1] ?? /##\[([\w-]+)/.exec(text)?.[1];
    if (name === undefined) continue;
    if (name === 'stop-commands' && text.endsWith(fenceToken)) fence = true;
    else if (!ours.has(name)) wrong.push(`the log acts as the command ${name}`);
    else if (name !== 'group' && name !== 'endgroup') expected -= 1;
  }
  return expected === 0 ? wrong : [...wrong, `${-expected} annotations that are not ours`];
}
