import { describe, expect, test } from '@jest/globals';
import { errorText } from '../../../src/errors.ts';
import { submitRefused } from '../../../src/livy/refused.ts';
import { htmlError, jsonAnswer, textAnswer } from '../answers.ts';

describe('a submit that Fabric refused', () => {
  test.each([
    [400, 'REQUEST_REFUSED', /Check file, conf and the sizing inputs/],
    [401, 'UNAUTHORIZED', /Check fabric-scope/],
    [403, 'FORBIDDEN', /role Contributor/],
    [404, 'NOT_FOUND', /Check workspace and lakehouse/],
    [429, 'THROTTLED', /run fewer jobs side by side/],
    [430, 'CAPACITY_FULL', /raise capacity-wait-minutes/],
    [409, 'REQUEST_REFUSED', /Nothing was started/],
  ])('with %i says what, why, and what to do', (status, code, advice) => {
    const answer = jsonAnswer(status, { errorCode: 'Why', message: 'It is so.', requestId: 'r-1' });
    const error = submitRefused(answer);
    expect(error.code).toBe(code);
    expect(errorText(error).split('\n')).toEqual([
      `Fabric refused the batch: ${status} (Why): It is so.`,
      expect.stringMatching(advice),
      'Request id: r-1',
    ]);
  });

  test('by a gateway has the request id of its header', () => {
    const headers = { requestid: 'r-2' };
    expect(submitRefused(textAnswer(403, htmlError, headers)).requestId).toBe('r-2');
  });
});
