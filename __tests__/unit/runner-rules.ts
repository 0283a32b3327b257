/**
 * The runner's own rules (actions/runner: ActionCommand.cs, ActionCommandManager.cs), written here
 * again from reference/github-runner.md: what of a job's output it takes for a command.
 */

export interface Command {
  name: string;
  line: string;
}

/** Names that the runner knows; a token of stop-commands is added while it is in force. */
const known = new Set([
  ...['error', 'warning', 'notice', 'debug', 'group', 'endgroup', 'add-mask', 'echo', 'section'],
  ...['set-env', 'set-output', 'save-state', 'add-path', 'add-matcher', 'remove-matcher'],
  ...['stop-commands', 'command', 'internal-set-repo-path'],
]);

/** A command in one line, known or not: `::name …::` after white space, `##[name …]` anywhere. */
function commandIn(line: string, names: ReadonlySet<string>): string | undefined {
  // The white space of .NET's TrimStart: U+0085 is one there (not in JavaScript), U+FEFF is none.
  const trimmed = line.replace(
    /^[\t-\r \u0085\u00a0\u1680\u2000-\u200a\u2028\u2029\u202f\u205f\u3000]+/,
    '',
  );
  if (trimmed.startsWith('::')) {
    const end = trimmed.indexOf('::', 2);
    if (end >= 0) {
      const name = trimmed.slice(2, end).split(' ')[0]?.toLowerCase() ?? '';
      if (names.has(name)) return name;
    }
  }
  for (let at = line.indexOf('##['); at >= 0; at = line.indexOf('##[', at + 1)) {
    const end = line.indexOf(']', at);
    if (end < 0) continue;
    const name =
      line
        .slice(at + 3, end)
        .split(' ')[0]
        ?.toLowerCase() ?? '';
    if (names.has(name)) return name;
  }
  return undefined;
}

/** What the runner would execute of an output, and whether it still listens at the end. */
export function executed(output: string): { commands: Command[]; listening: boolean } {
  const commands: Command[] = [];
  const names = new Set(known);
  let token: string | undefined;
  for (const line of output.split(/\r\n|\r|\n/)) {
    const name = commandIn(line, names);
    if (name === undefined) continue;
    if (token !== undefined) {
      if (name === token) token = undefined;
      continue;
    }
    commands.push({ name, line });
    if (name === 'stop-commands') {
      token = line
        .slice(line.lastIndexOf('::') + 2)
        .trim()
        .toLowerCase();
      names.add(token);
    }
  }
  return { commands, listening: token === undefined };
}
