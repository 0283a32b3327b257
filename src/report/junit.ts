import sax from 'sax';
import { JunitReader, JunitRefusal, type Attributes, type JunitResults } from './junit/reader.ts';
import type { Hide } from './junit/text.ts';

/** UTF-16 units that are parsed in one go, some tens of milliseconds at most. */
const longestPiece = 256 * 1024;

export { JunitRefusal, type FailedCase, type JunitResults } from './junit/reader.ts';

/**
 * Reads JUnit XML as pytest, unittest-xml-reporting, Surefire, JUnit 5 and ScalaTest write it: suites in
 * suites, cases with `failure`, `error` or `skipped`. Cases are counted, never a suite's own sums; but a
 * suite that tells of failures and holds no failed case (pytest or Surefire died before its cases) counts
 * as one error, and a file that tells of more tests than it holds is refused (`claims`). A test that passed
 * in a rerun has passed. `hide` takes out of texts what must not show, before they are cut. Throws
 * `JunitRefusal` for anything that is no whole JUnit file, has a DOCTYPE, or is out of bounds, and nothing
 * else.
 */
export function junit(text: string, hide: Hide = (shown) => shown): JunitResults {
  const pieces = junitPieces(text, hide);
  for (;;) {
    const { done, value } = pieces.next();
    if (done === true) return value;
  }
}

/** As `junit`, in pieces of a few milliseconds each: between two of them something else may be done. */
export function* junitPieces(
  text: string,
  hide: Hide = (shown) => shown,
): Generator<undefined, JunitResults, void> {
  try {
    const reader = new JunitReader(hide);
    const parser = parserInto(reader);
    // A mark of the byte order is no text.
    for (let at = text.startsWith('\uFEFF') ? 1 : 0; at < text.length; at += longestPiece) {
      parser.write(text.slice(at, at + longestPiece));
      yield undefined;
    }
    parser.close();
    return reader.results();
  } catch (thrown) {
    if (thrown instanceof JunitRefusal) throw new JunitRefusal(hide(thrown.message));
    // The parser asks its own objects for names out of the file, such as `hasOwnProperty`.
    throw new JunitRefusal('cannot be parsed', { cause: thrown });
  }
}

function parserInto(reader: JunitReader): sax.SAXParser {
  const options = { strictEntities: true, position: true };
  const parser = sax.parser(true, options);
  // It bounds its buffers at 64 KiB where a text comes in pieces; the text is bounded already.
  Object.assign(parser, { bufferCheckPosition: Infinity });
  parser.onerror = (error) => {
    const [what = ''] = error.message.split('\n');
    const shown = what.trim().slice(0, 200);
    throw new JunitRefusal(`is not well-formed XML (line ${parser.line + 1}: ${shown})`);
  };
  const barred = (): never => {
    throw new JunitRefusal('has a DOCTYPE, which is refused');
  };
  parser.ondoctype = barred;
  parser.onsgmldeclaration = barred;
  parser.onopentag = ({ name, attributes }) => reader.open(localName(name), textsOf(attributes));
  parser.onclosetag = () => reader.close();
  parser.ontext = (piece) => reader.text(piece);
  parser.oncdata = (piece) => reader.text(piece);
  return parser;
}

function localName(name: string): string {
  return name.slice(name.indexOf(':') + 1);
}

/** Without namespaces the parser gives plain texts. */
function textsOf(attributes: Readonly<Record<string, unknown>>): Attributes {
  const texts = new Map<string, string>();
  for (const [name, value] of Object.entries(attributes))
    if (typeof value === 'string') texts.set(name, value);
  return texts;
}
