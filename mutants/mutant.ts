/** One slip in one place of `src/` that breaks a sentence of the design for a user. */
export interface Mutant {
  /** `<rule>/<what>`; unique. */
  id: string;
  /** The sentence that it breaks, with its section or rule. */
  breaks: string;
  /** Path under `src/`. */
  file: string;
  /** Text that occurs exactly once in the file. */
  find: string;
  replace: string;
}

/** A list of the mutants of one file of `src/`, which is named once. */
export function mutantsOf(file: string, list: readonly Omit<Mutant, 'file'>[]): readonly Mutant[] {
  return list.map((mutant) => ({ ...mutant, file }));
}
