import type { BearerClient } from '../auth/bearer.ts';
import { StepError } from '../errors.ts';
import type { Answer } from '../http/client.ts';
import { TransportError, type HttpRequest } from '../http/transport.ts';
import { refused, unreachable } from './refused.ts';

/** Bytes sent in one append. */
export const blockSize = 8 * 1024 * 1024;
const patience = 120_000;
const apiVersion = { 'x-ms-version': '2023-11-03' };

const advice = {
  forbidden:
    'Give the service principal the role Contributor in the workspace (it writes under upload-path).',
  notFound: 'Check workspace, lakehouse and upload-path.',
};

/** The files of one lakehouse, over OneLake's DFS API, by ids. Source: "OneLake access and APIs". */
export class OneLake {
  readonly #client: BearerClient;
  readonly #workspaceId: string;
  readonly #lakehouseId: string;

  constructor(client: BearerClient, workspaceId: string, lakehouseId: string) {
    this.#client = client;
    this.#workspaceId = workspaceId;
    this.#lakehouseId = lakehouseId;
  }

  /**
   * Writes a file of `size` bytes that `blocks` yields in order: create, append, flush. Missing
   * folders come into being with it. Throws `StepError` UPLOAD_FAILED or what OneLake refused.
   */
  async write(
    path: string,
    blocks: AsyncIterable<Uint8Array>,
    signal?: AbortSignal,
  ): Promise<number> {
    const url = this.#url(path);
    const what = `Uploading ${path}`;
    await this.#expect(what, { method: 'PUT', url: `${url}?resource=file` }, [201, 200], signal);
    let position = 0;
    for await (const block of blocks) {
      const append: HttpRequest = {
        method: 'PATCH',
        url: `${url}?action=append&position=${position}`,
        body: block,
      };
      await this.#expect(what, append, [202, 200], signal);
      position += block.length;
    }
    const flush: HttpRequest = {
      method: 'PATCH',
      url: `${url}?action=flush&position=${position}&close=true`,
    };
    await this.#expect(what, flush, [200], signal);
    return position;
  }

  /** Deletes a folder and what is in it; one that is not there is as good as deleted. Throws `StepError`. */
  async removeFolder(path: string, signal?: AbortSignal): Promise<void> {
    await this.#expect(
      `Deleting ${path}`,
      { method: 'DELETE', url: `${this.#url(path)}?recursive=true` },
      [200, 202, 404],
      signal,
    );
  }

  #url(path: string): string {
    const encoded = path.split('/').map(encodeURIComponent).join('/');
    return `${this.#client.origin}/${this.#workspaceId}/${this.#lakehouseId}/${encoded}`;
  }

  async #expect(
    what: string,
    request: HttpRequest,
    statuses: readonly number[],
    signal?: AbortSignal,
  ): Promise<Answer> {
    const headers = { ...apiVersion, ...request.headers };
    try {
      const answer = await this.#client.send({ ...request, headers }, { patience, signal });
      if (!statuses.includes(answer.status)) throw refused(what, answer, advice);
      return answer;
    } catch (thrown) {
      if (signal?.aborted)
        throw new StepError('UPLOAD_FAILED', `${what}: the step was cancelled.`, { cause: thrown });
      throw thrown instanceof TransportError
        ? unreachable(what, this.#client.origin, thrown)
        : thrown;
    }
  }
}

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
