import { open, type FileHandle } from 'node:fs/promises';
import type { BearerClient } from '../auth/bearer.ts';
import { StepError } from '../errors.ts';
import type { Answer } from '../http/client.ts';
import { TransportError, type HttpRequest } from '../http/transport.ts';
import {
  listFiles,
  listFolders,
  readFile,
  type Ask,
  type FileRead,
  type ListedFolder,
  type ListedLakeFile,
} from './onelake-reading.ts';
import { Blocks, blockSize, checkSize, fill, mostBlocks, readable } from './upload-blocks.ts';
import { refused, unreachable, type RefusalAdvice } from './refused.ts';

const patience = 120_000;
const appended = [202, 200];
const apiVersion = { 'x-ms-version': '2023-11-03' };

const writing: RefusalAdvice = {
  forbidden:
    'Give the service principal the role Contributor in the workspace (it writes under upload-path).',
  notFound: 'Check workspace, lakehouse and upload-path.',
};

const reading: RefusalAdvice = {
  forbidden:
    'Give the service principal a role that may read OneLake: Contributor in the workspace, or the permission "Read all OneLake data" (ReadAll) on the lakehouse.',
  notFound: 'Check workspace and lakehouse.',
};

/** Where the bytes of an upload come from. */
export interface LocalSource {
  realPath: string;
  /** In bytes; the file must still have as many when it is read. */
  size: number;
}

export interface WriteOptions {
  signal?: AbortSignal;
  /** Told the bytes that OneLake has taken so far, after each block. */
  onProgress?: (sentBytes: number) => void;
}

/**
 * The files of one lakehouse, over OneLake's DFS API: by the ids of workspace and lakehouse, or by the name
 * of both, then with the item's type (`orders.Lakehouse`). Source: "OneLake access and APIs", "URI syntax".
 */
export class OneLake {
  readonly #client: BearerClient;
  readonly #workspace: string;
  readonly #item: string;
  readonly #blocks = new Blocks();

  constructor(client: BearerClient, workspace: string, item: string) {
    this.#client = client;
    this.#workspace = encodeURIComponent(workspace);
    this.#item = encodeURIComponent(item);
  }

  /**
   * Writes a file: create, append its blocks side by side at their positions, flush. Missing folders come
   * into being with it, and nobody sees its content before the flush, so a block may be sent again.
   * The first failure ends the blocks that are under way. Throws `StepError`: UPLOAD_FAILED (the file cannot be read or has another size than it had; the
   * signal), or what OneLake refused.
   */
  async write(path: string, source: LocalSource, options: WriteOptions = {}): Promise<void> {
    await this.stage(path, source, options);
    await this.publish(path, source.size, options.signal);
  }

  /**
   * The first half of `write`: nobody sees the content before `publish`, which may go by another path of the
   * same file. Throws as `write` does.
   */
  async stage(path: string, source: LocalSource, options: WriteOptions = {}): Promise<void> {
    const file = await readable(path, () => open(source.realPath, 'r'));
    try {
      await checkSize(path, file, source.size);
      await this.#create(path, options.signal);
      await this.#appendAll(path, file, source.size, options);
      await checkSize(path, file, source.size);
    } finally {
      await file.close();
    }
  }

  /**
   * The second half: makes the `size` bytes that were staged the content of the file. It is refused where
   * not as many are staged under this path. Throws as `write` does.
   */
  async publish(path: string, size: number, signal?: AbortSignal): Promise<void> {
    await this.#flush(path, size, signal);
  }

  /** Writes a small file. Throws `StepError` as `write` does. */
  async writeBytes(path: string, bytes: Uint8Array, signal?: AbortSignal): Promise<void> {
    await this.#create(path, signal);
    if (bytes.length > 0) await this.#append(path, 0, bytes, signal);
    await this.#flush(path, bytes.length, signal);
  }

  /** Deletes a folder and what is in it; one that is not there is as good as deleted. Throws `StepError`. */
  async removeFolder(path: string, signal?: AbortSignal): Promise<void> {
    await this.#remove(path, '?recursive=true', signal);
  }

  /** Deletes a file; one that is not there is as good as deleted. Throws `StepError`. */
  async removeFile(path: string, signal?: AbortSignal): Promise<void> {
    await this.#remove(path, '', signal);
  }

  /**
   * Reads a file of at most `mostBytes` bytes, as UTF-8; of a larger one no more than one byte beyond is
   * asked for. A folder is no file: `missing`. Throws `StepError`: what OneLake refused, CANCELLED for the signal.
   */
  async read(path: string, mostBytes: number, signal?: AbortSignal): Promise<FileRead> {
    return readFile(this.#reader(`Reading ${path}`, signal), this.#url(path), mostBytes);
  }

  /** True when there is a file or folder of that path. Throws `StepError` as `read` does. */
  async exists(path: string, signal?: AbortSignal): Promise<boolean> {
    const read = this.#reader(`Looking for ${path}`, signal);
    const answer = await read({ method: 'HEAD', url: this.#url(path) }, [200, 404]);
    return answer.status === 200;
  }

  /**
   * The folders right under a folder, over all pages; none when it is not there. One whose age OneLake
   * does not tell is left out. Throws `StepError` as `read` does.
   */
  async folders(path: string, signal?: AbortSignal): Promise<ListedFolder[]> {
    return listFolders(this.#reader(`Listing ${path}`, signal), this.#list(path, false));
  }

  /**
   * The files in a folder (`recursive`: and below it), a page at a time; none when it is not there.
   * Throws `StepError` as `read` does.
   */
  files(
    path: string,
    recursive: boolean,
    signal?: AbortSignal,
  ): AsyncGenerator<ListedLakeFile[], void> {
    return listFiles(this.#reader(`Listing ${path}`, signal), this.#list(path, recursive));
  }

  async #create(path: string, signal: AbortSignal | undefined): Promise<void> {
    const url = `${this.#url(path)}?resource=file`;
    await this.#write(`Uploading ${path}`, { method: 'PUT', url }, [201, 200], signal);
  }

  async #append(
    path: string,
    position: number,
    body: Uint8Array,
    signal: AbortSignal | undefined,
  ): Promise<void> {
    const url = appendUrl(this.#url(path), position);
    await this.#write(`Uploading ${path}`, { method: 'PATCH', url, body }, appended, signal);
  }

  /**
   * One attempt. False when it has to be made again: then a request that was answered before it was
   * sent whole may still be reading from the block. Throws `StepError` when it was refused for good.
   */
  async #appendAtOnce(
    path: string,
    position: number,
    body: Uint8Array,
    signal: AbortSignal,
  ): Promise<boolean> {
    const url = appendUrl(this.#url(path), position);
    const request: HttpRequest = { method: 'PATCH', url, body, headers: apiVersion };
    const answer = await this.#client.send(request, { signal }).catch((thrown: unknown) => {
      if (thrown instanceof TransportError) return undefined;
      throw thrown;
    });
    const status = answer?.status ?? 0;
    const passing = status === 408 || status === 429 || status >= 500;
    if (answer && !passing && !appended.includes(status))
      throw refused(`Uploading ${path}`, answer, writing);
    return appended.includes(status);
  }

  async #flush(path: string, size: number, signal: AbortSignal | undefined): Promise<void> {
    const url = `${this.#url(path)}?action=flush&position=${size}&close=true`;
    await this.#write(`Uploading ${path}`, { method: 'PATCH', url }, [200], signal);
  }

  async #appendAll(
    path: string,
    file: FileHandle,
    size: number,
    { signal, onProgress }: WriteOptions,
  ): Promise<void> {
    const failed = new AbortController();
    const end = signal ? AbortSignal.any([signal, failed.signal]) : failed.signal;
    let [next, sent] = [0, 0];
    const appendInTurn = async (): Promise<void> => {
      while (next < size && !end.aborted) {
        const position = next;
        next += blockSize;
        await this.#blocks.lend(async (buffer) => {
          if (end.aborted) return true;
          const block = buffer.subarray(0, size - position);
          await fill(path, file, position, block);
          const atOnce = await this.#appendAtOnce(path, position, block, end);
          if (!atOnce) await this.#append(path, position, block, end);
          sent += block.length;
          onProgress?.(sent);
          return atOnce;
        });
      }
    };
    const errors: unknown[] = [];
    const inTurn = Array.from({ length: mostBlocks }, () =>
      appendInTurn().catch((thrown: unknown) => {
        errors.push(thrown);
        failed.abort();
      }),
    );
    await Promise.all(inTurn);
    if (errors.length > 0) throw errors[0];
    if (signal?.aborted) throw cancelled('UPLOAD_FAILED', `Uploading ${path}`);
  }

  async #remove(path: string, query: string, signal: AbortSignal | undefined): Promise<void> {
    const request: HttpRequest = { method: 'DELETE', url: `${this.#url(path)}${query}` };
    await this.#write(`Deleting ${path}`, request, [200, 202, 404], signal);
  }

  #url(path: string): string {
    const encoded = path.split('/').map(encodeURIComponent).join('/');
    return `${this.#client.origin}/${this.#workspace}/${this.#item}/${encoded}`;
  }

  #list(path: string, recursive: boolean): string {
    const directory = `${this.#item}%2F${encodeURIComponent(path)}`;
    return `${this.#client.origin}/${this.#workspace}?resource=filesystem&recursive=${recursive}&directory=${directory}`;
  }

  #reader(what: string, signal: AbortSignal | undefined): Ask {
    return (request, statuses) =>
      this.#ask({ what, advice: reading, ended: 'CANCELLED', signal }, request, statuses);
  }

  async #write(
    what: string,
    request: HttpRequest,
    statuses: readonly number[],
    signal: AbortSignal | undefined,
  ): Promise<void> {
    await this.#ask({ what, advice: writing, ended: 'UPLOAD_FAILED', signal }, request, statuses);
  }

  async #ask(
    { what, advice, ended, signal }: Purpose,
    request: HttpRequest,
    statuses: readonly number[],
  ): Promise<Answer> {
    const headers = { ...apiVersion, ...request.headers };
    try {
      const answer = await this.#client.send({ ...request, headers }, { patience, signal });
      if (!statuses.includes(answer.status)) throw refused(what, answer, advice);
      return answer;
    } catch (thrown) {
      if (signal?.aborted) throw cancelled(ended, what, thrown);
      throw thrown instanceof TransportError
        ? unreachable(what, this.#client.origin, thrown)
        : thrown;
    }
  }
}

function appendUrl(file: string, position: number): string {
  return `${file}?action=append&position=${position}`;
}

/** What a request is for, as errors tell it. */
interface Purpose {
  what: string;
  advice: RefusalAdvice;
  /** Code of the error when the signal ended it. */
  ended: 'UPLOAD_FAILED' | 'CANCELLED';
  signal: AbortSignal | undefined;
}

function cancelled(code: Purpose['ended'], what: string, cause?: unknown): StepError {
  return new StepError(code, `${what}: the step was cancelled.`, { cause });
}
