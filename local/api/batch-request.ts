import { isObject, parseJson, textAt } from '../../src/http/json.ts';
import type { BatchRequest } from '../engine/engine.ts';
import type { Places } from '../place.ts';
import { invalidInput } from './api-error.ts';

const texts = ['name', 'className', 'driverMemory', 'executorMemory'] as const;
const numbers = ['driverCores', 'executorCores', 'numExecutors'] as const;
const lists = ['args', 'jars', 'pyFiles', 'files', 'archives'] as const;
const maps = ['conf', 'tags'] as const;

function isText(value: unknown): value is string {
  return typeof value === 'string';
}

/**
 * Reads the body of a submit. Fields that are not in the contract are passed over. Throws
 * `ApiError` 400: `file` is needed, args are texts, values of `conf` and `tags` are texts.
 * Source: fabric-samples, Livy API swagger, BatchRequest.
 */
export function batchRequest(body: unknown): BatchRequest {
  if (!isObject(body)) throw invalidInput('The body must be a JSON object.');
  const file = body['file'];
  if (!isText(file) || file === '') throw invalidInput('file is required.');
  const request: BatchRequest = { file };
  for (const name of texts) {
    const value = body[name];
    if (value === undefined || value === null) continue;
    if (!isText(value)) throw invalidInput(`${name} must be a string.`);
    request[name] = value;
  }
  for (const name of numbers) {
    const value = body[name];
    if (value === undefined || value === null) continue;
    if (typeof value !== 'number' || !Number.isInteger(value))
      throw invalidInput(`${name} must be an integer.`);
    request[name] = value;
  }
  for (const name of lists) {
    const value = body[name];
    if (value === undefined || value === null) continue;
    if (!Array.isArray(value) || !value.every(isText))
      throw invalidInput(`${name} must be a list of strings.`);
    request[name] = value;
  }
  for (const name of maps) {
    const value = body[name];
    if (value === undefined || value === null) continue;
    if (!isObject(value)) throw invalidInput(`${name} must be an object.`);
    const entries = Object.entries(value).map(([key, text]): [string, string] => {
      if (!isText(text)) throw invalidInput(`${name}.${key} must be a string.`);
      return [key, text];
    });
    request[name] = Object.fromEntries(entries);
  }
  return request;
}

const environmentKey = 'spark.fabric.environmentDetails';

/**
 * The environment of a batch is a JSON text with its id. Throws `ApiError` 400 for another form, and
 * for an id of no environment.
 * Source: Fabric docs, "Submit Spark batch jobs using the Livy API".
 */
export function checkEnvironment({ conf }: BatchRequest, places: Places): void {
  const details = conf?.[environmentKey];
  if (details === undefined) return;
  const id = textAt(parseJson(details), 'id');
  if (id === undefined) throw invalidInput(`${environmentKey} must be JSON such as {"id": "…"}.`);
  if (!places.hasEnvironment(id)) throw invalidInput(`There is no environment '${id}'.`);
}
