import { mutantsOf, type Mutant } from './mutant.ts';

/** Rule 8: remote text in Markdown is code, bounded, fenced beyond its own backticks. */
export const markdown: readonly Mutant[] = [
  ...mutantsOf('report/markdown.ts', [
    {
      id: 'markdown/fenced-beyond',
      breaks: '8: remote text in Markdown is … fenced BEYOND its own backticks',
      find: `...runs.map((run) => run + 1)`,
      replace: `...runs.map((run) => run)`,
    },
    {
      id: 'markdown/longest-run',
      breaks: '8: remote text in Markdown is … fenced beyond its own backticks (the longest)',
      find: '[...text.matchAll(/`+/g)]',
      replace: '[...text.matchAll(/`+/g)].slice(0, 1)',
    },
    {
      id: 'markdown/span-bounded',
      breaks: '8: remote text in Markdown is code, BOUNDED (in a line)',
      find: `const longestSpan = 300;`,
      replace: `const longestSpan = 300_000;`,
    },
    {
      id: 'markdown/block-bounded',
      breaks: '8: remote text in Markdown is code, BOUNDED (a block)',
      find: `const longestBlock = 20_000;`,
      replace: `const longestBlock = 20_000_000;`,
    },
    {
      id: 'markdown/one-line',
      breaks: '8: remote text in Markdown is CODE (a line feed ends a cell)',
      find: `head.replace(/\\s+/g, ' ').trim();`,
      replace: `head.trim();`,
    },
    {
      id: 'markdown/cell',
      breaks: '8: remote text in Markdown is CODE (a `|` ends a cell)',
      find: `short(text).replaceAll('|', '\\\\|')`,
      replace: `short(text).replace('|', '\\\\|')`,
    },
    {
      id: 'markdown/edge',
      breaks: '8: remote text in Markdown is code, fenced (a backtick at its edge)',
      find: "text.startsWith('`') || text.endsWith('`') ? ' ' : '';",
      replace: "text.startsWith('`') && text.endsWith('`') ? ' ' : '';",
    },
    {
      id: 'markdown/html',
      breaks: '8: remote text in Markdown is no markup (names in our own sentences: HTML)',
      find: '[\\\\`*_{}[\\]<>()#+\\-!|~&@]',
      replace: '[\\\\`*_{}[\\]()#+\\-!|~&@]',
    },
    {
      id: 'markdown/link-target',
      breaks: '8: nobody in: a link is an https URL',
      find: '/^(https:\\/\\/|http:\\/\\/(127\\.|localhost[:/]))[^\\s()<>"`\\\\]+$/',
      replace: '/^(https:\\/\\/|http:\\/\\/(127\\.|localhost[:/]))[^\\s]+$/',
    },
  ]),
  ...mutantsOf('report/summary/details.ts', [
    {
      id: 'markdown/state',
      breaks: '8: remote text in Markdown is CODE (the state that Fabric tells)',
      find: `row('Last state', facts.state && span(facts.state)),`,
      replace: `row('Last state', facts.state),`,
    },
    {
      id: 'markdown/file',
      breaks: '8: remote text in Markdown is CODE (the name of a file of the pull request)',
      find: `row('File', facts.file && span(facts.file)),`,
      replace: `row('File', facts.file),`,
    },
  ]),
  ...mutantsOf('report/summary/cause.ts', [
    {
      id: 'markdown/advice',
      breaks: '8: remote text in Markdown is no markup (names in the advice)',
      find: '${plain(advice)}',
      replace: '${advice.length > 20 ? advice : plain(advice)}',
    },
    {
      id: 'markdown/cause',
      breaks: '8: remote text in Markdown is CODE (the exception)',
      find: '`**${inline(cause.title)}**',
      replace: '`**${cause.title}**',
    },
  ]),
  ...mutantsOf('report/stages/table.ts', [
    {
      id: 'markdown/stage',
      breaks: '8: remote text in Markdown is CODE (the name of a stage, in a cell)',
      find: 'span(stageName(stage))',
      replace: 'stageName(stage)',
    },
  ]),
  ...mutantsOf('report/summary/tests.ts', [
    {
      id: 'markdown/test-message',
      breaks: '8: remote text in Markdown is CODE (what a failed test says)',
      find: 'const said = inline(message);',
      replace: 'const said = message;',
    },
  ]),
  ...mutantsOf('report/summary/timeline.ts', [
    {
      id: 'markdown/diagram',
      breaks:
        '8: remote text in Markdown is CODE (a sign in a stage name ends its line of the diagram)',
      find: '._/()=,+-]/gu',
      replace: '._/()=,+;#-]/gu',
    },
  ]),
];
