import { describe, expect, test } from '@jest/globals';
import { page } from '../../../src/report/summary/page.ts';

const sections = [
  { name: 'verdict', dispensable: 0, text: '## Red' },
  { name: 'cause', dispensable: 1, text: 'c'.repeat(100) },
  { name: 'empty', dispensable: 9, text: '' },
  { name: 'output', dispensable: 3, text: 'é'.repeat(100) },
  { name: 'stages', dispensable: 2, text: 's'.repeat(100) },
];

describe('a page of sections', () => {
  test('is all of them where there is room', () => {
    expect(page(sections, 414)).toBe(
      `## Red\n\n${'c'.repeat(100)}\n\n${'é'.repeat(100)}\n\n${'s'.repeat(100)}\n`,
    );
  });

  test('loses the most dispensable first, and says so; bytes are counted, not characters', () => {
    const left = page(sections, 412);
    expect(left).toContain('sss');
    expect(left).not.toContain('é');
    expect(left).toMatch(/\n\n_Left out, since there is no room for more: output\._\n$/);
    expect(page(sections, 200)).toMatch(/c\n\n_Left out, .*: output, stages\._\n$/);
  });

  test('keeps its first in any case', () => {
    expect(page(sections, 1)).toMatch(/^## Red\n\n_Left out, .*: output, stages, cause\._\n$/);
  });
});
