import { describe, expect, test } from '@jest/globals';
import { tellLate } from '../../../src/job/end-in-time.ts';
import { Interrupt } from '../../../src/job/interrupt.ts';

function told(settled: Interrupt['settled']) {
  const interrupt = new Interrupt();
  interrupt.settled = settled;
  const outputs: Record<string, string | number> = {};
  const errors: { message: string; title: string }[] = [];
  tellLate(
    {
      output: (name, value) => (outputs[name] = value),
      error: (message, title) => errors.push({ message, title }),
    },
    interrupt,
  );
  return { outputs, errors };
}

describe('a step that has to end at once after a signal', () => {
  test('says that it was cancelled, and that post ends the batch', () => {
    const { outputs, errors } = told(undefined);
    expect(outputs).toEqual({ result: 'Cancelled', 'error-code': 'CANCELLED' });
    expect(errors).toEqual([
      { title: 'Spark batch cancelled', message: expect.stringContaining('The post step ends') },
    ]);
  });

  test('keeps a verdict that stood before, and its code', () => {
    const { outputs, errors } = told({ result: 'Failed', code: 'BATCH_FAILED' });
    expect(outputs).toEqual({});
    expect(errors).toEqual([
      { title: 'Spark batch failed', message: expect.stringContaining('had ended (Failed)') },
    ]);
    expect(errors[0]?.message).not.toContain('post step');
  });

  test('is red for the cancel alone where the batch succeeded', () => {
    const { outputs, errors } = told({ result: 'Succeeded', code: undefined });
    expect(outputs).toEqual({ 'error-code': 'CANCELLED' });
    expect(errors[0]?.title).toBe('Step cancelled, the Spark batch succeeded');
  });
});
