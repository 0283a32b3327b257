/** Lines of a driver log whose author wants the runner to obey them. */

/** Stands in every text that must not come to be anywhere but in the log. */
export const marker = 'pwned';

interface CommandText {
  name: string;
  properties: string;
  data: string;
}

/** Every command that actions/runner registers, and some that older ones did. */
const commands: readonly CommandText[] = [
  { name: 'set-env', properties: ' name=NODE_OPTIONS', data: `--${marker}` },
  { name: 'add-path', properties: '', data: `/${marker}` },
  { name: 'add-mask', properties: '', data: marker },
  { name: 'stop-commands', properties: '', data: marker },
  { name: 'error', properties: ' file=jobs/job.py,line=1,col=2,title=mine', data: marker },
  {
    name: 'warning',
    properties: ' file=jobs/job.py,endLine=9',
    data: `${marker}%0A::error::${marker}`,
  },
  { name: 'notice', properties: '', data: marker },
  { name: 'debug', properties: '', data: marker },
  { name: 'save-state', properties: ' name=settled', data: marker },
  { name: 'set-output', properties: ' name=result', data: marker },
  { name: 'group', properties: '', data: marker },
  { name: 'endgroup', properties: '', data: '' },
  { name: 'echo', properties: '', data: 'on' },
  { name: 'add-matcher', properties: '', data: `${marker}.json` },
  { name: 'remove-matcher', properties: ' owner=tsc', data: '' },
  { name: 'command', properties: '', data: marker },
  { name: 'section', properties: '', data: marker },
  { name: 'internal-set-repo-path', properties: ' repoFullName=a/b', data: `/${marker}` },
];

/** White space of .NET (which TrimStart takes) and of JavaScript, and what looks like some. */
const spaces = [
  ...[' ', '   ', '\t', ' \t ', '\v', '\f', '\u0085', '\u00a0', '\u1680', '\u2003', '\u2028'],
  ...['\u2029', '\u202f', '\u205f', '\u3000', '\u180e', '\u200b', '\ufeff'],
];

/** Gone from what is shown: taken out of the middle of a mark, they make a command. */
const vanishing = [
  ...[
    '\u0000',
    '\u0007',
    '\b',
    '\u007f',
    '\u0085',
    '\u008d',
    '\u001b',
    '\u001b[0m',
    '\u001b[1;31m',
  ],
  ...[
    '\u001b[?25l',
    '\u001b[K',
    '\u001bM',
    '\u001b]0;title\u0007',
    '\u001b]8;;x\u001b\\',
    '\u009b2J',
  ],
  '\u001b[\u001b[m',
];

const mixed = (text: string): string =>
  Array.from(text, (letter, index) => (index % 2 === 0 ? letter.toUpperCase() : letter)).join('');

const colons = ({ name, properties, data }: CommandText): string =>
  `::${name}${properties}::${data}`;
const brackets = ({ name, properties, data }: CommandText): string =>
  `##[${name}${properties.replaceAll(',', ';')}]${data}`;

/** One command in every disguise. */
function disguises(command: CommandText): string[] {
  const forms = [colons(command), brackets(command)];
  const cased = { ...command, name: command.name.toUpperCase() };
  const oddly = { ...command, name: mixed(command.name) };
  const inside = (form: string, at: number, what: string): string =>
    form.slice(0, at) + what + form.slice(at);
  return forms
    .flatMap((form) => [
      form,
      `text before ${form}`,
      `${form}\r`,
      `\r${form}`,
      `12 %\r 57 %\r${form}`,
      `12 %\r${form}\r`,
      `${form}\rlast`,
      `first\r\r\u001b[2K${form}`,
      ...spaces.map((space) => space + form),
      ...vanishing.flatMap((what) => [
        what + form,
        inside(form, 1, what),
        inside(form, 2, what),
        inside(form, form.lastIndexOf(form.startsWith('#') ? ']' : '::') + 1, what),
      ]),
      ...[999, 1_000, 1_001, 2_000].map((width) => '='.repeat(width) + form),
      `${'\u{1f680}'.repeat(500)}${form}`,
      `x${'\u{1f680}'.repeat(500)}${form}`,
      `${' '.repeat(1_000)}${form}`,
      `\u001b[31m${'-'.repeat(1_000)}\u001b[0m${form}`,
      `::${form}`,
      `${form}${form}`,
    ])
    .concat(colons(cased), brackets(cased), colons(oddly), brackets(oddly));
}

/** Some hundred lines for each command. */
export const commandLines: readonly string[] = commands.flatMap(disguises);

/** Each command in its two plain forms: few enough for many small logs. */
export const plainCommands: readonly string[] = commands.flatMap((one) => [
  colons(one),
  brackets(one),
]);

/** Tries at ending the fence that stands around the log, or at opening one. */
export function fenceGuesses(tokens: readonly string[]): string[] {
  return tokens.flatMap((token) => [
    `::${token}::`,
    `::${token.toUpperCase()}::`,
    `  ::${token} a=b::data`,
    `##[${token}]`,
    `:\u0000:${token}::`,
    `wait\r::${token}::`,
    `${'='.repeat(1_000)}::${token}::`,
    `::stop-commands::${token}`,
    `::error::${marker} behind ${token}`,
  ]);
}
