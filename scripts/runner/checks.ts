import { deepStrictEqual } from 'node:assert';

/** Counts what holds and what does not, and tells of each. */
export class Checks {
  passed = 0;
  failed = 0;

  that(what: string, holds: boolean, otherwise = ''): void {
    if (holds) this.passed += 1;
    else this.failed += 1;
    console.log(`  ${holds ? '✔' : '✘'} ${what}`);
    if (!holds && otherwise !== '') console.log(otherwise.replace(/^/gm, '      '));
  }

  equal(what: string, found: unknown, wanted: unknown): void {
    try {
      deepStrictEqual(found, wanted);
      this.that(what, true);
    } catch {
      this.that(what, false, `found ${JSON.stringify(found)}\nwanted ${JSON.stringify(wanted)}`);
    }
  }

  contains(what: string, text: string, wanted: string): void {
    this.that(what, text.includes(wanted), `wanted ${wanted}\nin     ${text.slice(-2_000)}`);
  }
}
