/** A jest reporter whose one line, the last of a run, says how many tests passed and failed. */
export default class ClosingLine {
  onRunComplete(_contexts, results) {
    const { numPassedTests, numFailedTests, numFailedTestSuites, numRuntimeErrorTestSuites } =
      results;
    // A suite that could not run at all counts as one failure: it must not read as green.
    const failed = numFailedTests + numRuntimeErrorTestSuites;
    const text = `${numPassedTests} passed, ${failed} failed`;
    process.stdout.write(
      numFailedTestSuites > 0 && failed === 0
        ? `${numPassedTests} passed, 1 failed\n`
        : `${text}\n`,
    );
  }
}
