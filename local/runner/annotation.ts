import { lowerCase, type Command } from './command.ts';
import type { Annotation, AnnotationLevel } from './step-log.ts';

/**
 * The annotation that an `error`, `warning` or `notice` command asks for.
 * (actions/runner, ActionCommandManager.cs, IssueCommandExtension)
 */
export function annotationOf(command: Command, workspace: string): Annotation {
  const { properties } = command;
  const file = properties.get('file');
  const title = properties.get('title');
  return {
    level: levelOf(command.name),
    message: command.data,
    ...(title === undefined ? {} : { title }),
    ...(file === undefined ? {} : { file: insideWorkspace(file, workspace) }),
    ...place(command),
  };
}

function levelOf(name: string): AnnotationLevel {
  const level = lowerCase(name);
  return level === 'error' || level === 'warning' ? level : 'notice';
}

/** A path under the workspace is shown relative to it; any other as it is. (IOUtil.MakeRelative) */
function insideWorkspace(file: string, workspace: string): string {
  const folder = workspace.endsWith('/') ? workspace : `${workspace}/`;
  return file.startsWith(folder) ? file.slice(folder.length) : file;
}

/**
 * Lines and columns that make sense together: an end without a start is the start too, columns need
 * one line, an end before its start drops both. (IssueCommandExtension.ValidateLinesAndColumns)
 */
function place(command: Command): Partial<Annotation> {
  const number = (key: string): number | undefined => {
    const text = command.properties.get(key);
    return text !== undefined && /^\s*[+-]?\d+\s*$/.test(text) ? Number(text) : undefined;
  };
  const endLine = number('endline');
  const line = number('line') ?? endLine;
  const endColumn = number('endcolumn');
  const column = number('col') ?? endColumn;
  const oneLine = line !== undefined && (endLine === undefined || endLine === line);
  const linesInOrder = line === undefined || endLine === undefined || endLine >= line;
  const columnsInOrder = column === undefined || endColumn === undefined || endColumn >= column;
  return {
    ...(linesInOrder ? given({ line, endLine }) : {}),
    ...(oneLine && columnsInOrder ? given({ column, endColumn }) : {}),
  };
}

function given(numbers: Record<string, number | undefined>): Record<string, number> {
  const found: Record<string, number> = {};
  for (const [key, value] of Object.entries(numbers)) if (value !== undefined) found[key] = value;
  return found;
}
