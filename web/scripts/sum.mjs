/** Says at the end how many unit tests passed, in the words `.ci/test` sums. */
export default class Sum {
  onTestRunEnd(modules, errors) {
    const tests = modules.flatMap((module) => [...module.children.allTests()]);
    const of = (state) => tests.filter((test) => test.result().state === state).length;
    const failed = of('failed') + errors.length + modules.filter((module) => module.errors().length > 0).length;
    process.stdout.write(`test result: ${failed === 0 ? 'ok' : 'FAILED'}. ${of('passed')} passed; ${failed} failed\n`);
  }
}
