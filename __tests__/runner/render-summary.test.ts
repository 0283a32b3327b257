import { expect, test } from '@jest/globals';
import { renderSummary } from '../../local/runner/render-summary.ts';

const markdown = `## Red

\`\`\`\`text
</details>
\`\`\`mermaid
\`\`\`\`

<details><summary>Traceback, 2 lines</summary>

\`\`\`text
</details>
<details><summary>x</summary>
\`\`\`

</details>

### Time

\`\`\`mermaid
gantt
  Queued :done, 1, 2
\`\`\`

| a |\u001b[2J
`;

test('a summary on a terminal is folded as on a page; what stands in code folds nothing', () => {
  expect(renderSummary(markdown)).toEqual([
    ...['## Red', '', '````text', '</details>', '```mermaid', '````', ''],
    ...['▸ Traceback, 2 lines', '', '### Time', '', '▸ diagram', '', '| a |'],
  ]);
});

test('it shows all when asked', () => {
  const all = renderSummary(markdown, { unfolded: true });
  expect(all).toContain('▾ Traceback, 2 lines');
  expect(all).toContain('<details><summary>x</summary>');
  expect(all).toContain('  Queued :done, 1, 2');
  expect(all.at(-1)).toBe('| a |');
});
