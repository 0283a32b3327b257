import type { RootCause } from '../../../../src/report/facts.ts';
import { rootCause } from '../../../../src/report/root-cause.ts';

export const noise = [
  '26/11/02 08:00:00 INFO SparkContext: Running Spark version 3.5.1',
  '26/11/02 08:00:01 WARN NativeCodeLoader: Unable to load native-hadoop library',
];
export const shutdown = [
  '26/11/02 08:01:00 INFO ShutdownHookManager: Shutdown hook called',
  '26/11/02 08:01:00 INFO SparkContext: Successfully stopped SparkContext',
];
export const traceback = [
  'Traceback (most recent call last):',
  '  File "/tmp/spark-1/job.py", line 12, in <module>',
  '    main()',
  '  File "/tmp/spark-1/job.py", line 8, in main',
  '    raise ValueError("3 rows have no key")',
  'ValueError: 3 rows have no key',
];
export const javaChain = [
  'Exception in thread "main" org.apache.spark.SparkException: Job aborted due to stage failure: Task 0 failed 4 times',
  '\tat org.apache.spark.scheduler.DAGScheduler.failJobAndIndependentStages(DAGScheduler.scala:2844)',
  '\tat org.apache.spark.deploy.SparkSubmit.main(SparkSubmit.scala)',
  'Caused by: java.io.FileNotFoundException: Operation failed: "The specified path does not exist.", 404',
  '\tat org.apache.hadoop.fs.azurebfs.AzureBlobFileSystem.open(AzureBlobFileSystem.java:222)',
  '\t... 20 more',
];

export const causeOf = (
  stdout: readonly string[],
  stderr: readonly string[],
): RootCause | undefined => rootCause({ stdout, stderr })?.cause;
export const title = (stdout: readonly string[], stderr: readonly string[]): string | undefined =>
  causeOf(stdout, stderr)?.title;
