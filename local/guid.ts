const guid = /^[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}$/i;

/** True for a text in the form of an id of Entra or Fabric. */
export function isGuid(text: string): boolean {
  return guid.test(text);
}
