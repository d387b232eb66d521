import { writeFileSync } from 'node:fs';

/** Writes the figures of a jest run to the file named by TEST_FIGURES_FILE, for the total of `npm test`. */
export default class FiguresReporter {
  onRunComplete(_contexts, results) {
    const figures = {
      passed: results.numPassedTests,
      // A file that could not be loaded has no tests to count, and must not pass for that.
      failed: results.numFailedTests + results.numRuntimeErrorTestSuites,
      skipped: results.numPendingTests + results.numTodoTests,
    };
    writeFileSync(process.env.TEST_FIGURES_FILE, JSON.stringify(figures));
  }
}
