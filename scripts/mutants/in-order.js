/** Jest runs test files in the order in which they were named, where its own puts the slowest first. */
import Sequencer from '@jest/test-sequencer';

const named = JSON.parse(process.env.TEST_ORDER ?? '[]');

export default class InOrder extends Sequencer {
  sort(tests) {
    const place = ({ path }) => named.findIndex((name) => path.endsWith(`/${name}`));
    return [...tests].sort((a, b) => place(a) - place(b));
  }
}
