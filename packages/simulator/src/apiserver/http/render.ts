// SPDX-License-Identifier: Apache-2.0
import type { ResourceType } from '../kinds/ResourceType';
import { apiVersionOf } from '../kinds/ResourceType';
import type { JsonObject } from '../objects';
import type { Change, Entry } from '../store/Store';
import type { Form } from './accept';

/** What a table shows beside its cells: `includeObject` of the query. */
export type IncludeObject = 'None' | 'Metadata' | 'Object';

/** How one request wants its objects written. */
export interface View {
  readonly type: ResourceType;
  readonly form: Form;
  readonly includeObject: IncludeObject;
  readonly now: () => Date;
}

const META = 'meta.k8s.io/v1';

/** One object as JSON. */
export function renderObject(view: View, entry: Entry): string {
  switch (view.form) {
    case 'object':
      return wholeObject(view.type, entry);
    case 'metadata':
      return metadataOnly(entry);
    case 'table':
      return JSON.stringify({ ...table(view, [entry], {}), metadata: {} });
    default:
      return view.form satisfies never;
  }
}

/** A list as JSON, in pieces that are sent one after the other. */
export function* renderList(
  view: View,
  entries: readonly Entry[],
  metadata: JsonObject,
): Iterable<string> {
  if (view.form === 'table') {
    yield JSON.stringify(table(view, entries, metadata));
    return;
  }
  const isWhole = view.form === 'object';
  const kind = isWhole ? `${view.type.kind}List` : 'PartialObjectMetadataList';
  const apiVersion = isWhole ? apiVersionOf(view.type) : META;
  const head = JSON.stringify({ kind, apiVersion, metadata });
  yield `${head.slice(0, -1)},"items":[`;
  for (const [index, entry] of entries.entries()) {
    if (index > 0) yield ',';
    yield isWhole ? listItem(view.type, entry) : metadataOnly(entry);
  }
  yield ']}\n';
}

/**
 * One line of a watch. While a change is told to all watches, lines are made
 * once per form and shared.
 */
export function renderEvent(
  view: View,
  type: Change['type'],
  entry: Entry,
  isFirst: boolean,
): Buffer {
  const make = () => line(type, renderObject(view, entry));
  switch (view.form) {
    case 'object':
    case 'metadata':
      return entry.encoded(
        `${type} ${view.form} ${apiVersionOf(view.type)}`,
        make,
      );
    case 'table': {
      const { columnDefinitions, ...rest } = table(view, [entry], {});
      const body = isFirst ? { ...rest, columnDefinitions } : rest;
      return line(type, JSON.stringify(body));
    }
    default:
      return view.form satisfies never;
  }
}

/** A line of a watch that carries no change, only how far it has come. */
export function renderBookmark(
  view: View,
  revision: number,
  isEndOfInitialEvents: boolean,
): Buffer {
  const metadata = {
    resourceVersion: String(revision),
    creationTimestamp: null,
    ...(isEndOfInitialEvents && {
      annotations: { 'k8s.io/initial-events-end': 'true' },
    }),
  };
  const object =
    view.form === 'object'
      ? { kind: view.type.kind, apiVersion: apiVersionOf(view.type), metadata }
      : { kind: 'PartialObjectMetadata', apiVersion: META, metadata };
  const shown =
    view.form === 'table'
      ? {
          kind: 'Table',
          apiVersion: META,
          metadata: {},
          columnDefinitions: null,
          rows: [{ cells: [], object }],
        }
      : object;
  return line('BOOKMARK', JSON.stringify(shown));
}

/** A line of a watch from the JSON of its object. */
export function line(type: string, object: string): Buffer {
  return Buffer.from(`{"type":"${type}","object":${object}}\n`);
}

function wholeObject(type: ResourceType, entry: Entry): string {
  const { kind } = type;
  return JSON.stringify({
    kind,
    apiVersion: apiVersionOf(type),
    ...shownObject(type, entry),
  });
}

function listItem(type: ResourceType, entry: Entry): string {
  return type.itemsCarryType
    ? wholeObject(type, entry)
    : JSON.stringify(shownObject(type, entry));
}

function shownObject({ conversion }: ResourceType, { object }: Entry) {
  return conversion ? conversion.fromStored(object) : object;
}

function metadataOnly({ object }: Entry): string {
  return JSON.stringify({
    kind: 'PartialObjectMetadata',
    apiVersion: META,
    metadata: object.metadata,
  });
}

function table(view: View, entries: readonly Entry[], metadata: JsonObject) {
  const now = view.now();
  return {
    kind: 'Table',
    apiVersion: META,
    metadata,
    columnDefinitions: view.type.columns.map(column => ({
      name: column.name,
      type: column.type,
      format: column.format ?? '',
      description: column.description ?? column.name,
      priority: column.priority ?? 0,
    })),
    rows: entries.map(entry => ({
      cells: view.type.columns.map(one => one.value(entry.object, now)),
      ...(view.includeObject !== 'None' && { object: rowObject(view, entry) }),
    })),
  };
}

function rowObject({ type, includeObject }: View, entry: Entry) {
  if (includeObject === 'Object') {
    return { kind: type.kind, apiVersion: apiVersionOf(type), ...entry.object };
  }
  return {
    kind: 'PartialObjectMetadata',
    apiVersion: META,
    metadata: entry.object.metadata,
  };
}
