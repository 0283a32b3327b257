import { LogRenderer, type RenderOptions } from './render.ts';

/**
 * A job summary on a terminal: what a page folds is folded to `▸ title`, a diagram to `▸ diagram`, and
 * no text from a job steers the terminal. The rest is Markdown as it stands.
 */
export function renderSummary(markdown: string, options: RenderOptions = {}): string[] {
  const renderer = new LogRenderer(options);
  const shown: string[] = [];
  const say = (text: string): void => {
    const line = renderer.line({ time: 0, text });
    if (line !== undefined && !(line === '' && shown.at(-1) === '')) shown.push(line);
  };
  const arrow = options.unfolded ? '▾' : '▸';
  let fence: string | undefined;
  let depth = 0;
  let diagram = false;
  for (const line of markdown.trimEnd().split('\n')) {
    const hidden = !options.unfolded && (depth > 0 || diagram);
    if (fence !== undefined) {
      if (!hidden) say(line);
      if (line === fence) {
        fence = undefined;
        diagram = false;
      }
      continue;
    }
    const [, ticks, language] = /^(`{3,})(\w*)$/.exec(line) ?? [];
    const title = /^<details><summary>(.*)<\/summary>$/.exec(line)?.[1];
    if (ticks !== undefined) {
      fence = ticks;
      diagram = language === 'mermaid';
      if (diagram && !hidden) say(`${arrow} diagram`);
      if (!hidden && (!diagram || options.unfolded)) say(line);
    } else if (title !== undefined) {
      if (!hidden) say(`${arrow} ${title}`);
      depth += 1;
    } else if (line === '</details>') depth -= 1;
    else if (!hidden) say(line);
  }
  return shown;
}
