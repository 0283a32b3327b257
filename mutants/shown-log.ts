import { mutantsOf, type Mutant } from './mutant.ts';

/** Rule 5: the shown log is a pure function of the bytes; bug class 5: never read as a command. */
const decoding = mutantsOf('log/decoder.ts', [
  {
    id: 'shown-log/control-characters',
    breaks: '5: control characters removed',
    find: `return last.replace(controls, '');`,
    replace: `return last;`,
  },
  {
    id: 'shown-log/c1-controls',
    breaks: '5: control characters removed (C1 too)',
    find: `\\u000a-\\u001f\\u007f-\\u009f\\u2028\\u2029]/g`,
    replace: `\\u000a-\\u001f\\u007f\\u2028\\u2029]/g`,
  },
  {
    id: 'shown-log/tab-stays',
    breaks: '5: no byte lost (a tab is shown)',
    find: `/[\\u0000-\\u0008\\u000a-`,
    replace: `/[\\u0000-\\u0009\\u000a-`,
  },
  {
    id: 'shown-log/escape-sequences',
    breaks: '5: control characters removed (with the sequence that they begin)',
    find: `line.replace(escapes, '').split('\\r')`,
    replace: `line.split('\\r')`,
  },
  {
    id: 'shown-log/progress',
    breaks: '5: `\\r` progress reduced to its LAST state',
    find: `states.findLast((state) => state !== '') ?? '';`,
    replace: `states.find((state) => state !== '') ?? '';`,
  },
  {
    id: 'shown-log/crlf',
    breaks: '5: none lost (a line that ends in CR LF)',
    find: `states.findLast((state) => state !== '') ?? '';`,
    replace: `states.at(-1) ?? '';`,
  },
  {
    id: 'shown-log/wrapped',
    breaks: '5: very long lines wrapped',
    find: `if (text.length <= longestLine) return [text];`,
    replace: `if (text.length <= longestLine * 100) return [text];`,
  },
  {
    id: 'shown-log/surrogates',
    breaks: '5: characters never split (where a line is wrapped)',
    find: `if (end < text.length && unit >= 0xd800 && unit <= 0xdbff) end -= 1;`,
    replace: `if (end > text.length && unit >= 0xd800 && unit <= 0xdbff) end -= 1;`,
  },
  {
    id: 'shown-log/utf8-at-a-cut',
    breaks: '5: characters never split (where a line without an end is cut)',
    find: `back < 3 && isContinuation`,
    replace: `back < 1 && isContinuation`,
  },
  {
    id: 'shown-log/utf8-between-reads',
    breaks: '5: characters never split (between two reads)',
    find: `    this.#waiting += rest.length;\n`,
    replace: `    this.#waiting += rest.length;\n    if ((rest.at(-1) ?? 0) > 0x7f) return this.#whole(this.#join(rest));\n`,
  },
]);

const secrets = [
  ...mutantsOf('log/redactor.ts', [
    {
      id: 'shown-log/secret-between-reads',
      breaks: '5: secrets replaced (cut by two reads)',
      find: `redact(all, needles, beginnings(all, needles));`,
      replace: `redact(all, needles, beginnings(all, needles).slice(1));`,
    },
    {
      id: 'shown-log/longest-secret-first',
      breaks: '5: secrets replaced (one is the beginning of another)',
      find: `needles.sort((a, b) => b.length - a.length);`,
      replace: `needles.sort((a, b) => a.length - b.length);`,
    },
    {
      id: 'shown-log/leftmost-secret',
      breaks: '5: secrets replaced (two on a line)',
      find: `(!first || start < first.start)`,
      replace: `(!first || start > first.start)`,
    },
  ]),
  ...mutantsOf('log/record.ts', [
    {
      id: 'shown-log/new-tokens',
      breaks: '5, 8: secrets replaced (a token that was renewed while the log runs)',
      find: `this.#redactor = new Redactor(secrets);`,
      replace: `const known = [...secrets()];\n    this.#redactor = new Redactor(() => known);`,
    },
  ]),
];

const fence = mutantsOf('runner.ts', [
  {
    id: 'shown-log/fence-double-colon',
    breaks: '5, class 5: fenced, never read as a command (`::name::`)',
    find: `text.includes('::') || text.includes('##[')`,
    replace: `text.startsWith('::') || text.includes('##[')`,
  },
  {
    id: 'shown-log/fence-hash',
    breaks: '5, class 5: fenced, never read as a command (`##[name]`)',
    find: `text.includes('::') || text.includes('##[')`,
    replace: `text.includes('::')`,
  },
  {
    id: 'shown-log/fence-any-line',
    breaks: '5, class 5: fenced, never read as a command (one line among others)',
    find: `return needsFence(bytes)`,
    replace: `return needsFence(bytes.subarray(0, bytes.indexOf(10)))`,
  },
  {
    id: 'shown-log/fence-token',
    breaks: '5, class 5: fenced (under a token that nobody can guess)',
    find: `fenced(lines, randomUUID())`,
    replace: `fenced(lines, randomUUID().slice(0, 0) + 'fabric-spark-batch')`,
  },
  {
    id: 'shown-log/fence-is-closed',
    breaks: '5: the fence ends with the lines (our own commands work again)',
    find: `bytes, \`::\${token}::\\n\`)`,
    replace: `bytes, \`::end::\\n\`)`,
  },
  {
    id: 'shown-log/our-line-stays-one',
    breaks: 'class 5: names from elsewhere in our own lines are no commands (a line feed)',
    find: `line.replace(/[\\r\\n]+/g, ' ').replaceAll('##[', '## [');`,
    replace: `line.replace(/\\r\\n/g, ' ').replaceAll('##[', '## [');`,
  },
  {
    id: 'shown-log/our-line-hash',
    breaks: 'class 5: names from elsewhere in our own lines are no commands (`##[`)',
    find: `line.replace(/[\\r\\n]+/g, ' ').replaceAll('##[', '## [');`,
    replace: `line.replace(/[\\r\\n]+/g, ' ').replace(/^##\\[/, '## [');`,
  },
  {
    id: 'shown-log/our-line-colons',
    breaks: 'class 5: names from elsewhere in our own lines are no commands (white space, `::`)',
    find: `return /^[^\\p{L}\\p{N}]*::/u.test(text)`,
    replace: `return /^::/u.test(text)`,
  },
]);

export const shownLog: readonly Mutant[] = [...decoding, ...secrets, ...fence];
