import { type Parsed, quote } from './forms.ts';

/**
 * A path of a lakehouse under `Files/`; a leading `/` and trailing ones are taken off. It holds no `..`,
 * encoded or not (rule 8), so that nothing is read or written outside the lakehouse.
 */
export function parseLakehousePath(text: string): Parsed<string> {
  const path = text.replace(/^\/|\/+$/g, '');
  const segments = path.split('/');
  if (segments[0] !== 'Files' || segments.length < 2)
    return { problem: `must be a path under Files/, not ${quote(text)}` };
  const problem = badSegment(segments);
  return problem ? { problem: `${problem}: ${quote(text)}` } : { value: path };
}

/** A segment without its percent signs' meaning, however often it was encoded; a broken one as far as it goes. */
function decoded(segment: string): string {
  let text = segment;
  for (let round = 0; round < 5 && text.includes('%'); round += 1) {
    text = text.replace(/%([0-7][0-9a-f])/gi, (_, hex: string) =>
      String.fromCharCode(parseInt(hex, 16)),
    );
  }
  return text;
}

/** What is wrong with a path's segments; `undefined` when nothing is. */
export function badSegment(segments: readonly string[]): string | undefined {
  for (const segment of segments) {
    const plain = decoded(segment).trim();
    if (plain === '') return 'has an empty segment';
    if (/[?#]/.test(plain)) return 'holds ? or #, which end the path of a URI';
    if (plain === '.' || plain === '..' || /[\\/]/.test(plain)) return 'must not lead upwards';
    // eslint-disable-next-line no-control-regex
    if (/[\u0000-\u001f\u007f]/.test(plain)) return 'holds a control character';
  }
  return undefined;
}

/** An `abfss://<container>@<host>/<path>` URI without a way upwards. */
export function parseAbfssUri(text: string): Parsed<string> {
  const match = /^abfss:\/\/[^/@\s]+@[^/@\s]+\/([^?#]+)$/i.exec(text);
  const path = match?.[1];
  if (path === undefined)
    return { problem: `must be abfss://<workspace>@<host>/<path>, not ${quote(text)}` };
  const problem = badSegment(path.split('/'));
  return problem ? { problem: `${problem}: ${quote(text)}` } : { value: text };
}
