/** A title is one line that a list can hold. */
const longestTitle = 500;
/** Packages of Java whose names tell nobody anything. */
const ofSpark = /^(?:org\.apache\.spark\.(?:[a-z_]+\.)*|py4j\.)(?=[A-Z])/;
/** A plan begins behind the message, on the same line. */
const beforePlan = /;\s*$/;

/** `AnalysisException: [PATH_NOT_FOUND] …`: the class without its modules, which the traceback shows. */
export function pythonTitle(exception: string, said: string): string {
  return titled(exception.slice(exception.lastIndexOf('.') + 1), said);
}

/** `java.io.IOException: …`: with its package, unless that is Spark's. */
export function javaTitle(name: string, said: string): string {
  return titled(name.replace(ofSpark, ''), said);
}

function titled(name: string, said: string): string {
  const words = oneLine(said).replace(beforePlan, '');
  return bounded(words === '' ? name : `${name}: ${words}`);
}

/** Any text as a title. */
export function bounded(text: string): string {
  const line = oneLine(text);
  if (line.length <= longestTitle) return line;
  return `${line.slice(0, longestTitle).replace(/[\ud800-\udbff]$/, '')}…`;
}

function oneLine(text: string): string {
  return text.replace(/\s+/g, ' ').trim();
}
