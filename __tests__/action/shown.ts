import type { StageResult } from '../../local/runner/stage.ts';
import type { StepResult } from '../../local/runner/step.ts';

const jwt = /eyJ[\w-]{8,}\.[\w-]+/;

/** Main's and post's, where post ran. */
export function stages(result: StepResult): StageResult[] {
  return result.post ? [result.main, result.post] : [result.main];
}

/**
 * Everything that a step let out except by `add-mask`: raw lines of both processes, before any
 * mask, and what was written to the runner's files.
 */
export function letOut(result: StepResult): string[] {
  return stages(result).flatMap((stage) => [
    ...[...stage.stdout, ...stage.stderr].filter((line) => !line.startsWith('::add-mask::')),
    ...[...stage.files.outputs, ...stage.files.state, ...stage.files.env].flat(),
    stage.files.summary ?? '',
  ]);
}

/** What was let out and holds a token, an assertion or one of the secrets. */
export function leaks(result: StepResult, secrets: readonly string[]): string[] {
  const texts = secrets.flatMap((secret) => [secret, encodeURIComponent(secret)]);
  return letOut(result).filter(
    (text) => jwt.test(text) || texts.some((secret) => text.includes(secret)),
  );
}

/** The tokens and assertions that the step masked, each once. */
export function maskedTokens(result: StepResult): string[] {
  return result.main.commands.masks.filter((mask) => jwt.test(mask));
}
