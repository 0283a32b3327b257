/** A part of a page. */
export interface Section {
  /** What a reader is told when it is left out. */
  name: string;
  /** What has the largest number goes first when there is no room; 0 stays always. */
  dispensable: number;
  /** Markdown; '' where there is nothing to say. */
  text: string;
}

/**
 * The sections as one page of at most `limit` UTF-8 bytes: while it is too long, the most dispensable
 * section goes, and the end says so. Each section must be whole in itself.
 */
export function page(sections: readonly Section[], limit: number): string {
  const kept = sections.filter(({ text }) => text !== '');
  const gone: string[] = [];
  for (;;) {
    const note =
      gone.length === 0 ? [] : [`_Left out, since there is no room for more: ${gone.join(', ')}._`];
    const whole = `${[...kept.map(({ text }) => text), ...note].join('\n\n')}\n`;
    const most = Math.max(...kept.map(({ dispensable }) => dispensable));
    if (Buffer.byteLength(whole) <= limit || !(most > 0)) return whole;
    const at = kept.findIndex(({ dispensable }) => dispensable === most);
    gone.push(...kept.splice(at, 1).map(({ name }) => name));
  }
}
