import { beforeAll, describe, expect, jest, test } from '@jest/globals';
import type { ScriptStep } from '../../local/engine/scripted.ts';
import { defaultIds } from '../../local/settings.ts';
import { stage, type Stage, type StageOptions } from './stage.ts';

jest.setTimeout(60_000);

/** Each of its forms is another text; its base64 holds `+` and `/`, and needs padding. */
const secret = "p>>W? ~rd's+(k3y)/of=the*job!?~>é";
const of = (text: string): Buffer => Buffer.from(text, 'utf8');

const forms: [name: string, form: string][] = [
  ['as it is', secret],
  ['encodeURIComponent', encodeURIComponent(secret)],
  ['form encoding', new URLSearchParams({ x: secret }).toString().slice(2)],
  ['base64', of(secret).toString('base64')],
  ['base64url', of(secret).toString('base64url')],
  ['base64 of client-id:secret', of(`${defaultIds.client}:${secret}`).toString('base64')],
];

/** Seconds; longer than any two ticks are apart. */
const pause = 20;

/** Steps that print a text once for each place to cut it, the rest a tick or more later. */
function cutSteps(text: string, from: number, every: number): ScriptStep[] {
  const places = Array.from(
    { length: Math.ceil((text.length - 1) / every) },
    (_, n) => 1 + n * every,
  );
  return places.flatMap((cut, index) => {
    const at = from + index * 2 * pause;
    const other = text.length - cut;
    return [
      { at, stdout: `<${cut} ${text.slice(0, cut)}`, stderr: `<${cut} ${text.slice(0, other)}` },
      { at: at + pause, stdout: `${text.slice(cut)}>\n`, stderr: `${text.slice(other)}>\n` },
    ];
  });
}

function after(steps: readonly ScriptStep[]): number {
  return (steps.at(-1)?.at ?? 0) + pause;
}

/** What a step leaves behind, read before its stage is taken down. */
interface Left {
  green: boolean;
  stdout: string;
  stderr: string;
  /** The log, the files, the summary, errors, outputs and states. */
  everything: string;
  masks: readonly string[];
  events: readonly string[];
}

async function left(step: Stage): Promise<Left> {
  const green = await step.run();
  const { runner } = step;
  const [stdout, stderr] = [step.logFile('stdout.log'), step.logFile('stderr.log')].map(String);
  const everything = [
    step.story,
    ...runner.remotes,
    runner.summaryText,
    JSON.stringify([runner.errors, runner.outputs, runner.states]),
    stdout,
    stderr,
  ].join('\n');
  const { masks, events } = runner;
  return { green, stdout: stdout ?? '', stderr: stderr ?? '', everything, masks, events };
}

/** A tenant whose client has this secret. */
function knowing(clientSecret: string): NonNullable<StageOptions['settings']> {
  const client = { clientId: defaultIds.client, objectId: defaultIds.principal, name: 'client' };
  return { applications: [{ ...client, secret: clientSecret, federatedCredentials: [] }] };
}

describe('the client secret', () => {
  const printed = forms.reduce<ScriptStep[]>(
    (steps, [, form]) => [...steps, ...cutSteps(form, after(steps), 3)],
    [{ at: 3, phase: 'running' }],
  );
  let seen: Left;

  beforeAll(async () => {
    const step = await stage({
      script: { steps: [...printed, { at: after(printed), phase: 'success' }] },
      settings: knowing(secret),
    });
    seen = await left(step);
  });

  test('has six forms that differ, of which none holds another', () => {
    for (const [name, form] of forms)
      expect(forms.filter(([, other]) => other.includes(form)).map(([one]) => one)).toEqual([name]);
  });

  test('is replaced, and nothing beside it', () => {
    expect(seen.green).toBe(true);
    for (const text of [seen.stdout, seen.stderr]) {
      const lines = text.trimEnd().split('\n');
      expect(lines).toHaveLength((printed.length - 1) / 2);
      for (const line of lines) expect(line).toMatch(/^<\d+ .*>$/);
    }
  });

  test('is masked before anything is printed', () => {
    const [first = ''] = seen.events.filter((event) => /^(mask$|line )/.test(event));
    expect(first).toBe('mask');
  });

  test.each(forms)('%s is masked', (_, form) => {
    expect(seen.masks).toContain(form);
  });

  test.each(forms)('%s stands nowhere, wherever it was cut between two ticks', (_, form) => {
    expect(seen.everything).not.toContain(form);
  });
});

describe('access tokens and assertions', () => {
  let seen: Left;
  let bearers: string[] = [];
  let assertions: string[] = [];

  /** A run of more than an hour whose job prints what it was not given, old and renewed. */
  beforeAll(async () => {
    const end: ScriptStep = { at: 5 * 3_600, phase: 'success' };
    const steps: ScriptStep[] = [{ at: 3, phase: 'running' }, end];
    const step = await stage({ script: { steps }, identity: 'oidc' });
    step.afterSubmit(70 * 60_000, () => {
      [bearers, assertions] = [bearersOf(step), assertionsOf(step)];
      const printed = [...bearers, ...assertions].reduce<ScriptStep[]>(
        (all, token) => [...all, ...cutSteps(token, after(all), Math.ceil(token.length / 12))],
        [{ at: 71 * 60 }],
      );
      steps.splice(1, 0, ...printed);
    });
    seen = await left(step);
  });

  test('the run used a first and a renewed one of both', () => {
    expect(seen.green).toBe(true);
    expect(bearers.length).toBeGreaterThanOrEqual(2);
    expect(assertions.length).toBeGreaterThanOrEqual(2);
    expect(seen.stdout.split('\n').length).toBeGreaterThan(40);
  });

  test('are masked', () => {
    expect(seen.masks).toEqual(expect.arrayContaining([...bearers, ...assertions]));
  });

  test('stand nowhere, wherever they were cut between two ticks', () => {
    for (const token of [...bearers, ...assertions]) expect(seen.everything).not.toContain(token);
  });
});

function bearersOf(step: Stage): string[] {
  const headers = step.sent.map(({ headers: sent }) => sent?.['authorization'] ?? '');
  const tokens = headers.map((header) => header.replace(/^Bearer /i, ''));
  return [...new Set(tokens)].filter((token) => token !== '');
}

function assertionsOf(step: Stage): string[] {
  const bodies = step.sent.filter(({ url }) => url.startsWith(step.fabric.hosts.authority));
  const texts = bodies.map(({ body }) => Buffer.from(body ?? '').toString('utf8'));
  const given = texts.map((text) => new URLSearchParams(text).get('client_assertion') ?? '');
  return [...new Set(given)].filter((assertion) => assertion !== '');
}

test("a secret in the service's own words of a failure is shown nowhere", async () => {
  const words = `java.lang.IllegalStateException: refused for ${secret} and ${encodeURIComponent(secret)}`;
  const step = await stage({
    script: {
      steps: [
        { at: 0, phase: 'running', stdout: 'at work\n', stderr: 'at work\n' },
        { at: 5, phase: 'dead', error: { code: 'Refused', message: words } },
      ],
    },
    settings: knowing(secret),
  });
  const { green, everything } = await left(step);
  expect(green).toBe(false);
  expect(step.error.message).toContain('IllegalStateException: refused for *** and ***');
  expect(step.runner.summaryText).toContain('refused for *** and ***');
  for (const [, form] of forms) expect(everything).not.toContain(form);
});
