/** A jest reporter whose one line, the last of a run, says how many tests passed and failed. */
export default class ClosingLine {
  onRunComplete(_contexts, results) {
    const { numPassedTests, numFailedTests, numRuntimeErrorTestSuites } = results;
    // A suite that could not run at all counts as one failure: it must not read as green.
    const failed = numFailedTests + numRuntimeErrorTestSuites;
    // Jest's own summary comes after all reporters.
    process.once('exit', () => {
      process.stdout.write(`${numPassedTests} passed, ${failed} failed\n`);
    });
  }
}
