import { registerHooks } from 'node:module';

const msal = new URL('msal.ts', import.meta.url).href;
const files = new URL('files.ts', import.meta.url).href;
const lateImport = /import\(\s*(?:\/\*[^*]*\*\/\s*)?'\.\/msal\.ts'\)/;

// Must be evaluated before the first import of `src/`.
registerHooks({
  /** What the log record writes stays in memory. */
  resolve(specifier, context, next) {
    const isRecord = context.parentURL?.endsWith('/src/log/record.ts') === true;
    return isRecord && specifier === 'node:fs' ? next(files, context) : next(specifier, context);
  },
  /** MSAL has a stand-in, which is there from the start: a late import would need the event loop. */
  load(url, context, next) {
    const loaded = next(url, context);
    if (!url.endsWith('/src/auth/entra.ts')) return loaded;
    const { source: given = '' } = loaded;
    const source = typeof given === 'string' ? given : new TextDecoder().decode(given);
    if (!lateImport.test(source)) throw new Error('src/auth/entra.ts imports MSAL in another way');
    return {
      ...loaded,
      source: `import * as standIn from '${msal}';\n${source.replace(lateImport, 'Promise.resolve(standIn)')}`,
    };
  },
});
