import type { Claim, Figures } from '../../bench/measure/claims.ts';
import { isObject, listAt, textAt } from '../../src/http/json.ts';

/** The figures in what a benchmark sent; `undefined` when it sent something else. */
export function figuresOf(message: unknown): Figures | undefined {
  if (!isObject(message) || !isObject(message['figures'])) return undefined;
  const { figures } = message;
  const detail = textAt(figures, 'detail');
  return {
    claims: listAt(figures, 'claims').map(claimOf),
    ...(detail === undefined ? {} : { detail }),
  };
}

function claimOf(value: unknown): Claim {
  const [claim, measured] = [textAt(value, 'claim'), textAt(value, 'measured')];
  if (claim === undefined || measured === undefined)
    throw new Error('A claim has no name or no figure.');
  const contract = textAt(value, 'contract');
  const met = isObject(value) ? value['met'] : undefined;
  return {
    claim,
    measured,
    ...(contract === undefined ? {} : { contract }),
    ...(typeof met === 'boolean' ? { met } : {}),
  };
}
