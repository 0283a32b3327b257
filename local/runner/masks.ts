/**
 * The values that the log shows as `***`. They hold for the whole job, the post step included.
 *
 * Stricter than the runner, which also hides forms that it derives (base64, URL-encoded,
 * JSON-escaped; HostContext.cs): here such a form is visible, so that a test sees that the action
 * printed it.
 */
export class Masks {
  readonly #values = new Set<string>();

  constructor(secrets: readonly string[] = []) {
    for (const secret of secrets) this.add(secret);
  }

  /** A value and each of its lines, trimmed. (ActionCommandManager.cs, AddMaskCommandExtension) */
  add(value: string): void {
    for (const form of [value, ...value.split(/[\r\n]/).map((line) => line.trim())]) {
      if (form !== '') this.#values.add(form);
    }
  }

  get values(): readonly string[] {
    return [...this.#values];
  }

  /** Hidden stretches that overlap or touch become one `***`. (SecretMasker.cs, MaskSecrets) */
  hide(text: string): string {
    const stretches = [...this.#values].flatMap((value) => occurrences(text, value));
    if (stretches.length === 0) return text;
    let shown = '';
    let hiddenTo = -1;
    for (const [start, end] of stretches.sort((one, other) => one[0] - other[0])) {
      if (start > hiddenTo) shown += `${text.slice(Math.max(hiddenTo, 0), start)}***`;
      hiddenTo = Math.max(hiddenTo, end);
    }
    return shown + text.slice(hiddenTo);
  }
}

function occurrences(text: string, value: string): [start: number, end: number][] {
  const found: [number, number][] = [];
  for (let at = text.indexOf(value); at >= 0; at = text.indexOf(value, at + 1)) {
    found.push([at, at + value.length]);
  }
  return found;
}
