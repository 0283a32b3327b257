import type { Checkout } from '../../src/inputs/checkout.ts';
import { quote, type Parsed } from '../../src/inputs/forms.ts';
import { badSegment } from '../../src/inputs/lakehouse-path.ts';
import { Reader, type InputSource } from '../../src/inputs/reader.ts';
import { planSeed, type SeedFile } from './seed.ts';

/** What the step of local Fabric was asked for, checked. */
export interface StepInputs {
  workspace: string;
  lakehouse: string;
  environment: string | undefined;
  /** What is copied into the lakehouse, and where to. */
  seed: { path: string; files: readonly SeedFile[] };
  /** The first of four; 0: any free ones. */
  port: number;
  /** Batches that may be active at a time; 0: no limit. */
  capacity: number;
}

/** Four services need four ports in a row. */
const highestPort = 65_535 - 3;

/** Reads every input of local/action.yml. Throws one `Error` that lists every problem. */
export function readStepInputs(source: InputSource, checkout: Checkout): StepInputs {
  const reader = new Reader(source);
  const name = (input: string, unset: string): string => reader.parsed(input, parseName, unset);
  const path = reader.parsed('seed-path', parseSeedPath, 'Files');
  const inputs: StepInputs = {
    workspace: name('workspace', 'analytics'),
    lakehouse: name('lakehouse', 'orders'),
    environment: name('environment', '') || undefined,
    seed: { path, files: reader.parsed('seed', (text) => planSeed(text, checkout), []) },
    port: reader.parsed('port', (text) => parseNumber(text, highestPort), 0),
    capacity: reader.parsed('capacity', (text) => parseNumber(text, 1_000), 0),
  };
  const { problems } = reader;
  if (problems.length > 0) {
    const count = problems.length === 1 ? 'An input is' : `${problems.length} inputs are`;
    const list = problems.map((problem) => `- ${problem}`).join('\n');
    throw new Error(`${count} not valid; local Fabric was not started.\n${list}`);
  }
  return inputs;
}

function parseName(text: string): Parsed<string> {
  return /^[^\p{Cc}/\\]{1,256}$/u.test(text)
    ? { value: text }
    : { problem: `must be a name of one line without slashes, not ${quote(text)}` };
}

function parseNumber(text: string, most: number): Parsed<number> {
  return /^\d{1,5}$/.test(text) && Number(text) <= most
    ? { value: Number(text) }
    : { problem: `must be a whole number from 0 to ${most}, not ${quote(text)}` };
}

/** `Files`, `Tables`, or a path below one of them. */
export function parseSeedPath(text: string): Parsed<string> {
  const path = text.replace(/^\/|\/+$/g, '');
  const segments = path.split('/');
  if (segments[0] !== 'Files' && segments[0] !== 'Tables')
    return { problem: `must be Files, Tables, or a path below one of them, not ${quote(text)}` };
  const problem = badSegment(segments);
  return problem ? { problem: `${problem}: ${quote(text)}` } : { value: path };
}
