/** The `abfss:` URI of a path in a lakehouse, by ids (a workspace's name may not be allowed there). */
export function abfssUri(
  onelakeOrigin: string,
  workspaceId: string,
  lakehouseId: string,
  path: string,
): string {
  const encoded = path
    .split('/')
    .map((segment) => encodeURIComponent(segment))
    .join('/');
  return `abfss://${workspaceId}@${new URL(onelakeOrigin).host}/${lakehouseId}/${encoded}`;
}
