import { existsSync, mkdirSync, mkdtempSync, readdirSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { afterAll, beforeAll, expect, jest, test } from '@jest/globals';
import { zipSync } from 'fflate';
import { sparkEngine } from '../../local/engine/spark.ts';
import { startLocalFabric, type LocalFabric } from '../../local/fabric.ts';
import { defaultIds } from '../../local/settings.ts';
import { findSpark, type SparkInstallation } from '../../local/spark/installation.ts';
import { startOn } from './bench.ts';
import { scalaJar } from './scala-jar.ts';

const longest = 180_000;
/** Where PySpark is not in the cache yet it is fetched first. */
const fetching = 600_000;
jest.setTimeout(longest);

let folder: string;
let fabric: LocalFabric;
let installation: SparkInstallation;

beforeAll(async () => {
  folder = mkdtempSync(join(tmpdir(), 'rich-jobs-'));
  const stateFolder = join(folder, 'fabric');
  installation = await findSpark({ log: () => undefined });
  const engine = await sparkEngine({ stateFolder, log: () => undefined, installation });
  fabric = await startLocalFabric({ engine, stateFolder });
}, fetching);

afterAll(async () => {
  await fabric.close();
  rmSync(folder, { recursive: true, force: true });
});

/** Writes files of a checkout that `startOn` goes on with. */
function checkout(name: string, files: Readonly<Record<string, string | Uint8Array>>): string {
  const root = join(folder, name);
  for (const [path, content] of Object.entries(files)) {
    const file = join(root, 'checkout', path);
    mkdirSync(dirname(file), { recursive: true });
    writeFileSync(file, content);
  }
  return root;
}

function uploads(): string[] {
  const path = join(fabric.folderOf(defaultIds.lakehouse), 'Files', '.github');
  return existsSync(path) ? readdirSync(path) : [];
}

test('a Scala job of two jars runs with its class and its arguments', async () => {
  const prices = scalaJar(installation, join(folder, 'prices'), {
    'Prices.scala':
      'package orders\nobject Prices { def rounded(cents: Long): String = (cents / 100).toString + " EUR" }\n',
  });
  mkdirSync(join(folder, 'jars'), { recursive: true });
  const library = join(folder, 'jars', 'prices.jar');
  writeFileSync(library, prices);
  const main = scalaJar(
    installation,
    join(folder, 'counts'),
    {
      'Counts.scala': `package orders
import org.apache.spark.sql.SparkSession
object Counts {
  def main(args: Array[String]): Unit = {
    val spark = SparkSession.builder.getOrCreate()
    val sum = spark.range(5).selectExpr("sum(id) * 100").first().getLong(0)
    println("total " + Prices.rounded(sum) + ", " + args.mkString("|"))
  }
}
`,
    },
    [library],
  );
  const root = checkout('scala', { 'build/counts.jar': main, 'build/lib/prices.jar': prices });
  const { step } = startOn(fabric, root, {
    inputs: {
      file: 'build/counts.jar',
      'class-name': 'orders.Counts',
      jars: 'build/lib/*.jar',
      args: 'with space\n--attempt={attempt}',
    },
  });
  const result = await step.done;
  expect(result).toMatchObject({ conclusion: 'success', annotations: [] });
  expect(result.main.commands.lines).toContain('total 10 EUR, with space|--attempt=1');
  expect(uploads()).toEqual([]);
});

const pythonMain = `
import json, os, sys
from pyspark import SparkFiles
from pyspark.sql import SparkSession
from orders import rules
from orders.deep.names import shout
import extra

spark = SparkSession.builder.getOrCreate()
with open(SparkFiles.get("limits.json")) as limits:
    limit = json.load(limits)["limit"]
with open(os.path.join(SparkFiles.get("words"), "greeting.txt")) as text:
    greeting = text.read().strip()
counted = spark.sparkContext.parallelize(range(6), 2).filter(lambda n: rules.good(n, limit)).count()
print(shout(greeting), counted, extra.NAME, flush=True)
target = sys.argv[sys.argv.index("--out") + 1]
path = spark._jvm.org.apache.hadoop.fs.Path(target)
stream = path.getFileSystem(spark._jsc.hadoopConfiguration()).create(path, True)
stream.write(bytearray(json.dumps({"counted": counted, "greeting": greeting}).encode()))
stream.close()
`;

test('a Python job of several modules, files and an archive gives its values out', async () => {
  const root = checkout('python', {
    'jobs/main.py': pythonMain,
    'lib/orders/__init__.py': '',
    'lib/orders/rules.py': 'def good(number, limit):\n    return number < limit\n',
    'lib/orders/deep/__init__.py': '',
    'lib/orders/deep/names.py': 'def shout(text):\n    return text.upper()\n',
    'more/extra.py': 'NAME = "extra"\n',
    'data/limits.json': '{"limit": 4}',
    'data/greetings.zip': zipSync({ 'greeting.txt': new TextEncoder().encode('grüezi\n') }),
  });
  const { step } = startOn(fabric, root, {
    inputs: {
      file: 'jobs/main.py',
      'py-files': 'lib/orders\nmore/*.py',
      files: 'data/limits.json',
      archives: 'data/greetings.zip#words',
      args: '--out\nFiles/out/{submission}.json',
      'output-file': 'Files/out/{submission}.json',
    },
  });
  const result = await step.done;
  expect(result).toMatchObject({ conclusion: 'success', annotations: [] });
  expect(result.main.commands.lines).toContain('GRÜEZI 4 extra');
  expect(JSON.parse(result.outputs['job-output'] ?? '')).toEqual({
    counted: 4,
    greeting: 'grüezi',
  });
  expect(uploads()).toEqual([]);
});
