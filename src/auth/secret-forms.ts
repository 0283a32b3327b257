/** Very short texts would ruin the log. */
const shortest = 4;

/**
 * A secret and the forms in which programs print one (rule 8): its lines, URL-encoded as in a path
 * and as in a form, and base64 in both alphabets, alone and as `id:secret` of an Authorization header.
 */
export function secretForms(secret: string, clientId: string): string[] {
  if (secret.trim().length < shortest) return [];
  const form = new URLSearchParams({ '': secret }).toString().slice(1);
  const forms = [
    secret,
    ...secret.split(/\r?\n/),
    encodeURIComponent(secret),
    form,
    JSON.stringify(secret).slice(1, -1),
    ...[secret, `${clientId}:${secret}`].flatMap((text) => base64Forms(text)),
  ];
  return [...new Set(forms)].filter((text) => text.trim().length >= shortest);
}

function base64Forms(text: string): string[] {
  const padded = Buffer.from(text).toString('base64');
  return [padded, padded.replace(/=+$/, ''), Buffer.from(text).toString('base64url')];
}

/**
 * Any text with `***` in place of each secret in it, the longest secret first, so that one which holds
 * another goes whole. A text is there at once; for a stream, whose chunks may cut a secret, see `Redactor`.
 */
export function withoutSecrets(text: string, secrets: readonly string[]): string {
  return secrets
    .filter((secret) => secret !== '')
    .sort((a, b) => b.length - a.length)
    .reduce((clean, secret) => clean.replaceAll(secret, '***'), text);
}
