/**
 * How many requests the submit waits for, one after the other, and how many there are. `node bench/chain.ts`:
 * on the stage of the service tests, whose clock moves only while a request is on its way, each for 100 ms: the
 * figures are counts, the same on every machine.
 */
import './stage/without-jest.ts';
import { report } from './measure/claims.ts';

const { cases } = await import('./chain/cases.ts');
const { play } = await import('./chain/play.ts');
const { drawn } = await import('./chain/drawing.ts');
const { chainClaim } = await import('./chain/claims.ts');

const claims = [];
const drawings = [];
for (const one of cases) {
  const chain = await play(one);
  const picture = `${one.name}\n\n${drawn(chain)}`;
  console.log(`${picture}\n`);
  drawings.push(`\`\`\`text\n${picture}\n\`\`\``);
  claims.push(chainClaim(one, chain));
}
report({ claims, detail: drawings.join('\n\n') });
