/**
 * A reader of Markdown as far as code goes (CommonMark 0.31: fenced blocks 4.5, code spans 6.1):
 * what of a text stands in code, and what stands outside and is read as markup.
 */
export function outsideCode(markdown: string): string {
  const outside: string[] = [];
  let fence: string | undefined;
  let paragraph: string[] = [];
  const close = (): void => {
    outside.push(withoutSpans(paragraph.join('\n')));
    paragraph = [];
  };
  for (const line of markdown.split(/\r\n|\r|\n/)) {
    if (fence !== undefined) {
      const end = /^ {0,3}(`{3,}|~{3,})[ \t]*$/.exec(line)?.[1];
      if (end?.startsWith(fence)) fence = undefined;
      continue;
    }
    const start = /^ {0,3}(`{3,}(?=[^`]*$)|~{3,})/.exec(line)?.[1];
    if (start !== undefined) {
      close();
      fence = start;
    } else if (line.trim() === '') {
      close();
      outside.push('');
    } else if (/^\s*\|/.test(line)) {
      // A row of a table is read by itself, and its cells are cut before their spans are read.
      close();
      outside.push(...line.split(/(?<!\\)\|/).map(withoutSpans));
    } else paragraph.push(line);
  }
  close();
  return outside.join('\n');
}

function withoutSpans(text: string): string {
  let rest = '';
  let at = 0;
  while (at < text.length) {
    if (text[at] === '\\' && /[!-/:-@[-`{-~]/.test(text[at + 1] ?? '')) {
      rest += text.slice(at, at + 2);
      at += 2;
      continue;
    }
    const run = /^`+/.exec(text.slice(at))?.[0];
    if (run === undefined) {
      rest += text[at] ?? '';
      at += 1;
      continue;
    }
    const end = new RegExp(`(?<!\`)\`{${run.length}}(?!\`)`).exec(text.slice(at + run.length));
    if (end === null) {
      rest += run;
      at += run.length;
    } else at += run.length + end.index + run.length;
  }
  return rest;
}
