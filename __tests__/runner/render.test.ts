import { describe, expect, test } from '@jest/globals';
import { coloursWanted, renderLog } from '../../local/runner/render.ts';

const log = (...texts: string[]) => texts.map((text) => ({ time: 0, text }));

describe('a log on a terminal', () => {
  const lines = log('one', '##[group]Spark log', 'two', '##[endgroup]', '##[error]bad', '##[x]y');

  test('is folded and marked', () => {
    expect(renderLog(lines)).toBe('one\n▸ Spark log\nError: bad\n##[x]y\n');
  });

  test('is printed unfolded when asked', () => {
    expect(renderLog(lines, { unfolded: true })).toBe(
      'one\n▾ Spark log\n  two\nError: bad\n##[x]y\n',
    );
  });

  test('a group ends where the next begins', () => {
    expect(renderLog(log('##[group]a', 'x', '##[group]b', 'y', '##[endgroup]', 'z'))).toBe(
      '▸ a\n▸ b\nz\n',
    );
  });

  test('has times and colours when asked', () => {
    expect(renderLog(log('##[warning]w', 'plain'), { timestamps: true, colours: true })).toBe(
      '1970-01-01T00:00:00.000Z \u001b[33mWarning: w\u001b[0m\n1970-01-01T00:00:00.000Z plain\n',
    );
  });

  test('never steers the terminal; its own colours show only in colour', () => {
    const hostile = log('a\u001b[2Jb\u001b]0;title\u0007c\u009b1md\u001b[31me\u001b[>4mf\u001b[1');
    expect(renderLog(hostile)).toBe('ab0;titlec1mdef[1\n');
    expect(renderLog(hostile, { colours: true })).toBe('ab0;titlec1md\u001b[31mef[1\u001b[0m\n');
  });
});

test('colours are for terminals, unless refused', () => {
  expect(coloursWanted({ isTTY: true }, {})).toBe(true);
  expect(coloursWanted({ isTTY: true }, { NO_COLOR: '' })).toBe(true);
  expect(coloursWanted({ isTTY: true }, { NO_COLOR: '1' })).toBe(false);
  expect(coloursWanted({}, {})).toBe(false);
});
