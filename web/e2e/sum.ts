import type { FullResult, Reporter, TestCase, TestResult } from '@playwright/test/reporter';

/** Says at the end how many tests passed, in the words `.ci/test` sums. */
export default class Sum implements Reporter {
  #outcomes = new Map<string, boolean>();

  onTestEnd(test: TestCase, result: TestResult): void {
    if (result.status !== 'skipped') this.#outcomes.set(test.id, result.status === 'passed');
  }

  onEnd(result: FullResult): void {
    const all = [...this.#outcomes.values()];
    const passed = all.filter(Boolean).length;
    process.stdout.write(`test result: ${result.status === 'passed' ? 'ok' : 'FAILED'}. ${passed} passed; ${all.length - passed} failed\n`);
  }
}
