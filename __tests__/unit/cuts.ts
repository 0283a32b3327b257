import fc from 'fast-check';

/** A way to cut bytes into chunks: the sizes of the chunks, used round and round. */
export const cuts = fc.array(fc.integer({ min: 0, max: 40 }), { minLength: 1, maxLength: 8 });

export function chunks(bytes: Uint8Array, sizes: readonly number[]): Uint8Array[] {
  const parts: Uint8Array[] = [];
  let at = 0;
  let index = 0;
  while (at < bytes.length) {
    // A round of empty chunks would never end.
    const size = (sizes[index % sizes.length] ?? 1) || (index % sizes.length === 0 ? 1 : 0);
    index += 1;
    parts.push(bytes.slice(at, at + size));
    at += size;
  }
  return parts;
}
