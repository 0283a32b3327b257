/** A jest reporter that tells each test, as a line of JSON, on file descriptor 3. */
import { writeSync } from 'node:fs';

function tell(event) {
  writeSync(3, `${JSON.stringify(event)}\n`);
}

export default class Events {
  onTestFileStart(test) {
    tell({ kind: 'file', file: test.path });
  }

  onTestCaseStart(test, started) {
    tell({ kind: 'start', file: test.path, name: started.fullName });
  }

  onTestCaseResult(test, result) {
    const { fullName, status } = result;
    tell({ kind: 'end', file: test.path, name: fullName, status });
  }

  onTestFileResult(test, result) {
    tell({ kind: 'file-end', file: test.path });
    if (result.testExecError === undefined && result.testResults.length > 0) return;
    const text = result.failureMessage ?? 'no test';
    tell({ kind: 'no-tests', file: test.path, text: text.slice(0, 2_000) });
  }
}
