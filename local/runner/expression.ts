/** A value of a context, as JSON has them. */
export type ContextValue =
  | string
  | number
  | boolean
  | null
  | readonly ContextValue[]
  | { readonly [key: string]: ContextValue };

/** Contexts by name, such as `github` and `matrix`. */
export type Contexts = Readonly<Record<string, ContextValue>>;

/**
 * A text with its `${{ … }}` replaced. It knows the two forms that action.yml uses, a property such
 * as `github.job` and `toJSON(matrix)`; names without case, as in the runner.
 *
 * Stricter than the runner in one point: a property that a context does not have is an error here
 * and an empty text there, so that a gap of this fake is never taken for an empty value.
 *
 * @throws if an expression is of another form, or names what no context has.
 */
export function evaluate(text: string, contexts: Contexts): string {
  return text.replace(/\$\{\{(.*?)\}\}/gs, (_, expression: string) =>
    evaluateExpression(expression.trim(), contexts),
  );
}

function evaluateExpression(expression: string, contexts: Contexts): string {
  const [, inner] = /^toJSON\(\s*([^()]*?)\s*\)$/i.exec(expression) ?? [];
  if (inner !== undefined) return JSON.stringify(lookUp(inner, contexts), null, 2);
  return asText(lookUp(expression, contexts));
}

function lookUp(path: string, contexts: Contexts): ContextValue {
  if (!/^[a-z_][\w-]*(\.[a-z_][\w-]*)*$/i.test(path)) {
    throw new Error(`This fake of the runner cannot evaluate the expression '${path}'`);
  }
  let value: ContextValue = contexts;
  for (const [depth, name] of path.split('.').entries()) {
    const next = property(value, name);
    if (next === undefined) {
      throw new Error(
        depth === 0
          ? `Unrecognized named-value: '${name}' in the expression '${path}'`
          : `The context has no '${name}', which the expression '${path}' names`,
      );
    }
    value = next;
  }
  return value;
}

function property(value: ContextValue, name: string): ContextValue | undefined {
  if (value === null || typeof value !== 'object' || Array.isArray(value)) return undefined;
  const found = Object.entries(value).find(([key]) => key.toLowerCase() === name.toLowerCase());
  return found?.[1];
}

/** Objects and lists have no text of their own (docs.github.com, "Evaluate expressions"). */
function asText(value: ContextValue): string {
  if (value === null) return '';
  if (Array.isArray(value)) return 'Array';
  if (typeof value === 'object') return 'Object';
  return String(value);
}
