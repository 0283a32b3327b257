import { describe, expect, test } from '@jest/globals';
import { StepError } from '../../../src/errors.ts';
import { Tokens, type AccessToken } from '../../../src/auth/tokens.ts';
import { VirtualClock } from '../virtual-clock.ts';

const minute = 60_000;
const scope = 'https://api.fabric.microsoft.com/.default';

/** An Entra whose tokens are numbered; each exchange takes a second. */
function scene(life = 60 * minute): {
  clock: VirtualClock;
  tokens: Tokens;
  exchanges: { scope: string; at: number }[];
  seen: string[];
  fail: { now: boolean };
} {
  const clock = new VirtualClock();
  const exchanges: { scope: string; at: number }[] = [];
  const seen: string[] = [];
  const fail = { now: false };
  const exchange = async (asked: string): Promise<AccessToken> => {
    exchanges.push({ scope: asked, at: clock.elapsed });
    const number = exchanges.length;
    await clock.sleep(1_000);
    if (fail.now) throw new StepError('SIGN_IN_REFUSED', 'no');
    return { value: `token-${number}`, expiresAt: clock.now() + life };
  };
  const tokens = new Tokens({ exchange, clock, onNew: (token) => seen.push(token) });
  return { clock, tokens, exchanges, seen, fail };
}

describe('a token', () => {
  test('is got once and then kept', async () => {
    const { tokens, exchanges, clock } = scene();
    expect(tokens.atHand(scope)).toBeUndefined();
    expect(await tokens.get(scope)).toBe('token-1');
    clock.advance(10 * minute);
    expect(await tokens.get(scope)).toBe('token-1');
    expect(tokens.atHand(scope)).toBe('token-1');
    expect(exchanges).toHaveLength(1);
  });

  test('is asked for once, however many want it at the same time', async () => {
    const { tokens, exchanges } = scene();
    const all = await Promise.all(Array.from({ length: 20 }, () => tokens.get(scope)));
    expect(new Set(all)).toEqual(new Set(['token-1']));
    expect(exchanges).toHaveLength(1);
  });

  test('is of its scope', async () => {
    const { tokens, exchanges } = scene();
    const [fabric, storage] = await Promise.all([tokens.get(scope), tokens.get('other/.default')]);
    expect(fabric).not.toBe(storage);
    expect(exchanges.map((exchange) => exchange.scope).sort()).toEqual([scope, 'other/.default']);
    expect(tokens.atHand('third/.default')).toBeUndefined();
  });

  test('is masked before anyone has it', async () => {
    const { tokens, seen } = scene();
    const got = await tokens.get(scope).then((token) => ({ token, seenBefore: [...seen] }));
    expect(got.seenBefore).toEqual([got.token]);
    const next = await tokens.replace(scope, got.token);
    expect(seen).toEqual([got.token, next]);
  });
});

describe('renewal', () => {
  test('comes ahead of expiry, so that one good for 10 minutes is always at hand', async () => {
    const { tokens, clock, exchanges } = scene();
    await tokens.get(scope);
    for (let elapsed = 0; elapsed < 5 * 60; elapsed++) {
      clock.advance(minute);
      const token = await tokens.get(scope);
      const made = exchanges.at(-1)?.at ?? 0;
      const left = made + 60 * minute - clock.elapsed;
      expect(tokens.atHand(scope)).toBe(token);
      expect(left).toBeGreaterThanOrEqual(10 * minute);
    }
    expect(exchanges.length).toBeLessThanOrEqual(8);
  });

  test('of a token with a short life does not ask at each request', async () => {
    const { tokens, clock, exchanges } = scene(5 * minute);
    for (let second = 0; second < 600; second++) {
      await tokens.get(scope);
      clock.advance(1_000);
    }
    expect(exchanges.length).toBeLessThanOrEqual(10);
  });

  test('that fails leaves the old token in use to its end, and is tried again', async () => {
    const { tokens, clock, exchanges, fail } = scene();
    await tokens.get(scope);
    fail.now = true;
    clock.advance(50 * minute);
    for (let second = 0; second < 240; second++) {
      expect(await tokens.get(scope)).toBe('token-1');
      clock.advance(1_000);
    }
    expect(exchanges.length).toBeGreaterThanOrEqual(3);
    expect(exchanges.length).toBeLessThanOrEqual(20);
    fail.now = false;
    clock.advance(2 * minute);
    const renewed = await tokens.get(scope);
    expect(renewed).not.toBe('token-1');
  });

  test('that fails is thrown when the old token has ended', async () => {
    const { tokens, clock, fail } = scene();
    await tokens.get(scope);
    fail.now = true;
    clock.advance(61 * minute);
    await expect(tokens.get(scope)).rejects.toMatchObject({ code: 'SIGN_IN_REFUSED' });
    expect(tokens.atHand(scope)).toBeUndefined();
    fail.now = false;
    clock.advance(2 * minute);
    expect(await tokens.get(scope)).toMatch(/^token-/);
  });

  test('of the first token that fails is thrown, and a later one may succeed', async () => {
    const { tokens, fail, clock } = scene();
    fail.now = true;
    await expect(tokens.get(scope)).rejects.toBeInstanceOf(StepError);
    fail.now = false;
    clock.advance(2 * minute);
    expect(await tokens.get(scope)).toBe('token-2');
  });
});

describe('after a 401', () => {
  test('there is another token', async () => {
    const { tokens, exchanges } = scene();
    const first = await tokens.get(scope);
    const second = await tokens.replace(scope, first);
    expect(second).not.toBe(first);
    expect(await tokens.get(scope)).toBe(second);
    expect(exchanges).toHaveLength(2);
  });

  test('of many at once, one exchange serves all', async () => {
    const { tokens, exchanges } = scene();
    const first = await tokens.get(scope);
    const all = await Promise.all(Array.from({ length: 10 }, () => tokens.replace(scope, first)));
    expect(new Set(all).size).toBe(1);
    expect(exchanges).toHaveLength(2);
  });

  test('of a token that was replaced already, the new one is given with no exchange', async () => {
    const { tokens, exchanges } = scene();
    const first = await tokens.get(scope);
    const second = await tokens.replace(scope, first);
    expect(await tokens.replace(scope, first)).toBe(second);
    expect(exchanges).toHaveLength(2);
  });

  test('leaves the refused one at hand for a cancel, until there is another or it has expired', async () => {
    const { tokens, clock, fail } = scene();
    const first = await tokens.get(scope);
    fail.now = true;
    await expect(tokens.replace(scope, first)).rejects.toBeInstanceOf(StepError);
    expect(tokens.atHand(scope)).toBe(first);
    await expect(tokens.get(scope)).rejects.toBeInstanceOf(StepError);
    fail.now = false;
    expect(tokens.atHand(scope)).toBe(first);
    const second = await tokens.get(scope);
    expect(tokens.atHand(scope)).toBe(second);
    fail.now = true;
    await expect(tokens.replace(scope, second)).rejects.toBeInstanceOf(StepError);
    clock.advance(61 * minute);
    expect(tokens.atHand(scope)).toBeUndefined();
  });

  test('a sign-in that is refused is thrown', async () => {
    const { tokens, fail } = scene();
    const first = await tokens.get(scope);
    fail.now = true;
    await expect(tokens.replace(scope, first)).rejects.toBeInstanceOf(StepError);
  });
});
