import { registerHooks } from 'node:module';

const standIn = 'data:text/javascript,export const afterEach = () => undefined;';

// Must be evaluated before the first import of the stage of the service tests, which closes itself after each
// test: here there is none, and whoever opens a stage closes it.
registerHooks({
  resolve: (specifier, context, next) =>
    specifier === '@jest/globals' ? { url: standIn, shortCircuit: true } : next(specifier, context),
});
