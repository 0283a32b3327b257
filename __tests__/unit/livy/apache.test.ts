import { expect, test } from '@jest/globals';
import { HttpClient } from '../../../src/http/client.ts';
import { apacheLivy } from '../../../src/livy/apache.ts';
import { VirtualClock } from '../virtual-clock.ts';
import { FakeNetwork } from '../http/fake-network.ts';

/** A list that answers by its own order, and a change before each page but the first. */
function livyOf(names: string[], betweenPages: () => void) {
  const clock = new VirtualClock();
  let pages = 0;
  const network = new FakeNetwork(clock, ({ url }) => {
    if (pages++ > 0) betweenPages();
    const query = new URL(url).searchParams;
    const [from, size] = [Number(query.get('from')), Number(query.get('size'))];
    const sessions = names.map((name, id) => ({ id: Number(name.slice(1)) || id, name }));
    return {
      status: 200,
      text: JSON.stringify({ total: names.length, sessions: sessions.slice(from, from + size) }),
    };
  });
  const http = new HttpClient({ transport: network.transport, clock, random: () => 0.5 });
  return { livy: apacheLivy(http, 'http://h:8998'), pages: () => pages };
}

test('the list is whole over its pages', async () => {
  const names = Array.from({ length: 1_201 }, (_, index) => `b${index + 1}`);
  const { livy, pages } = livyOf(names, () => undefined);
  expect((await livy.list())?.map(({ name }) => name)).toEqual(names);
  expect(pages()).toBe(3);
});

test('a batch that is forgotten between two pages hides none of the others', async () => {
  const names = Array.from({ length: 700 }, (_, index) => `b${index + 1}`);
  let left = 1;
  const { livy } = livyOf(names, () => {
    if (left-- > 0) names.shift();
  });
  const found = (await livy.list())?.map(({ name }) => name) ?? [];
  expect(found).toEqual(expect.arrayContaining(names));
});

test('an id is known with the name that it was told last', () => {
  const { livy } = livyOf([], () => undefined);
  const batch = { id: '0', name: 'ours', messages: [], log: [], tags: {} };
  expect(livy.holds([batch], '0')).toBe(true);
  livy.known('0', 'ours');
  expect(livy.holds([batch], '0')).toBe(true);
  livy.known('0', 'another');
  expect(livy.holds([batch], '0')).toBe(false);
});
