import type { Fields, Mutation, SharedRecord } from './records.ts';

/** What a client sends when it has a network. */
export interface SyncRequest {
  /** Name of the client, the same as long as its storage lives. */
  readonly client: string;
  /** The newest revision that it has. */
  readonly since: number;
  readonly mutations: readonly Mutation[];
}

/** What it gets. */
export interface SyncAnswer {
  readonly revision: number;
  /** Mutations that the server has now; the client may forget them. */
  readonly applied: readonly string[];
  /** Records that changed since. */
  readonly records: readonly SharedRecord[];
}

const nameLimit = 100;
const textLimit = 2_000;
const batchLimit = 500;

/** Reads a request of a stranger; undefined when it is none. */
export function readSyncRequest(value: unknown): SyncRequest | undefined {
  if (!isObject(value) || !isName(value.client) || !isRevision(value.since))
    return undefined;
  const { mutations } = value;
  if (!Array.isArray(mutations) || mutations.length > batchLimit)
    return undefined;
  const read = mutations.map(readMutation);
  const known = read.filter(each => each !== undefined);
  return known.length === read.length
    ? { client: value.client, since: value.since, mutations: known }
    : undefined;
}

function readMutation(value: unknown): Mutation | undefined {
  if (!isObject(value) || !isName(value.id) || !isName(value.record))
    return undefined;
  if (!isRevision(value.base) || !isObject(value.changes)) return undefined;
  const changes = readChanges(value.changes);
  return (
    changes && {
      id: value.id,
      record: value.record,
      base: value.base,
      changes,
      settles: value.settles === true,
    }
  );
}

function readChanges({
  text,
  done,
}: Record<string, unknown>): Partial<Fields> | undefined {
  if (
    text !== undefined &&
    (typeof text !== 'string' || text.length > textLimit)
  )
    return undefined;
  if (done !== undefined && typeof done !== 'boolean') return undefined;
  return {
    ...(text === undefined ? {} : { text }),
    ...(done === undefined ? {} : { done }),
  };
}

function isObject(value: unknown): value is Record<string, unknown> {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}

function isName(value: unknown): value is string {
  return typeof value === 'string' && value !== '' && value.length <= nameLimit;
}

function isRevision(value: unknown): value is number {
  return typeof value === 'number' && Number.isSafeInteger(value) && value >= 0;
}
