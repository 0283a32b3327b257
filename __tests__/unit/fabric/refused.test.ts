import { describe, expect, test } from '@jest/globals';
import { errorText } from '../../../src/errors.ts';
import { refused } from '../../../src/fabric/refused.ts';
import { jsonAnswer } from '../answers.ts';

const advice = { forbidden: 'Ask for the right.', notFound: 'Check the name.' };

describe('a look-up that was refused', () => {
  test.each([
    [400, 'REQUEST_REFUSED', /^Look up Why in the documentation/],
    [401, 'UNAUTHORIZED', /^The token was not accepted\. Check fabric-scope/],
    [403, 'FORBIDDEN', /^Ask for the right\.$/],
    [404, 'NOT_FOUND', /^Check the name\.$/],
    [408, 'SERVICE_UNREACHABLE', /^The service is failing/],
    [429, 'THROTTLED', /run fewer jobs side by side/],
    [503, 'SERVICE_UNREACHABLE', /^The service is failing/],
  ])('with %i says what, why, and what to do', (status, code, says) => {
    const answer = jsonAnswer(status, { errorCode: 'Why', message: 'It is so.', requestId: 'r-1' });
    const error = refused('Listing the workspaces', answer, advice);
    expect(error.code).toBe(code);
    expect(errorText(error).split('\n')).toEqual([
      `Listing the workspaces: ${status} (Why): It is so.`,
      expect.stringMatching(says),
      'Request id: r-1',
    ]);
  });

  test('with 404 has the code of what was looked up', () => {
    const answer = jsonAnswer(404, {});
    const named = { ...advice, notFoundCode: 'WORKSPACE_NOT_FOUND' as const };
    expect(refused('Listing', answer, named).code).toBe('WORKSPACE_NOT_FOUND');
  });
});
