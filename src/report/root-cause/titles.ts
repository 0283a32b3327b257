/** A title is one line that a list can hold. */
const longestTitle = 500;
/** Modules whose names tell nobody anything: PySpark's, and what stands for Java's in it. */
const noise =
  /^(?:pyspark\.(?:[a-z_]+\.)*|py4j\.protocol\.|org\.apache\.spark\.(?:[a-z_]+\.)*|__main__\.)(?=[A-Z])/;
/** A plan begins behind the message, on the same line. */
const beforePlan = /;\s*$/;

/** `AnalysisException: [PATH_NOT_FOUND] …`: the class without PySpark's modules, and what it says. */
export function titleOf(exception: string, said: string): string {
  const name = exception.replace(noise, '');
  const words = oneLine(said).replace(beforePlan, '');
  return bounded(words === '' ? name : `${name}: ${words}`);
}

export function bounded(text: string): string {
  if (text.length <= longestTitle) return text;
  return `${text.slice(0, longestTitle).replace(/[\ud800-\udbff]$/, '')}…`;
}

function oneLine(text: string): string {
  return text.replace(/\s+/g, ' ').trim();
}
