import { goodBatch } from '../../local/engine/scripted.ts';
import { defaultIds } from '../../local/settings.ts';
import { stage, type StageOptions } from '../../__tests__/service/stage.ts';
import { play } from '../chain/play.ts';
import type { Point } from './measure.ts';

/** Requests up to the submit, and how many of them it waits for, of a step with so many local files. */
export async function uploads(
  sizes: readonly number[],
): Promise<{ requests: Point[]; depth: Point[] }> {
  const [requests, depth]: [Point[], Point[]] = [[], []];
  for (const work of sizes) {
    const names = Array.from({ length: work }, (_, index) => `file${index}.py`);
    const chain = await play({
      name: '',
      options: {
        inputs: { 'py-files': names.join('\n') },
        files: Object.fromEntries(names.map((name) => [name, 'x = 1\n'])),
      },
    });
    requests.push({ work, cost: chain.trips.length });
    depth.push({ work, cost: Math.round(chain.depth) });
  }
  return { requests, depth };
}

/** Requests of a step whose workspace stands on the last of so many pages. */
export async function pagesOfNames(sizes: readonly number[]): Promise<Point[]> {
  return each(sizes, async (pages) => {
    const others = Array.from({ length: pages - 1 }, (_, index) => ({
      id: `11111111-0a51-4c1e-9d5b-${String(index).padStart(12, '0')}`,
      name: `other ${index}`,
      lakehouses: [],
    }));
    const target = {
      id: defaultIds.workspace,
      name: 'target',
      capacityId: defaultIds.capacity,
      lakehouses: [{ id: defaultIds.lakehouse, name: 'orders' }],
    };
    return requestsOf({
      script: goodBatch('x\n'),
      settings: { pageSize: 1, workspaces: [...others, target] },
      inputs: { workspace: 'target' },
    });
  });
}

/** Requests of a step whose job left so many result files. */
export async function resultFiles(sizes: readonly number[]): Promise<Point[]> {
  const xml = '<testsuite tests="1"><testcase classname="c" name="t"/></testsuite>';
  return each(sizes, async (files) => {
    const step = await stage({
      script: goodBatch('x\n', 60),
      inputs: { results: 'Files/results/*.xml' },
    });
    try {
      step.afterSubmit(30_000, () => {
        for (let index = 0; index < files; index += 1)
          step.putInLakehouse(`Files/results/${index}.xml`, xml);
      });
      if (!(await step.run())) throw new Error(step.story);
      if (step.runner.outputs['tests-total'] !== String(files)) throw new Error(step.story);
      return step.fabric.requests.length;
    } finally {
      await step.close();
    }
  });
}

async function requestsOf(options: StageOptions): Promise<number> {
  const step = await stage(options);
  try {
    if (!(await step.run())) throw new Error(step.story);
    return step.fabric.requests.length;
  } finally {
    await step.close();
  }
}

async function each(
  sizes: readonly number[],
  cost: (size: number) => Promise<number>,
): Promise<Point[]> {
  const points: Point[] = [];
  for (const work of sizes) points.push({ work, cost: await cost(work) });
  return points;
}
