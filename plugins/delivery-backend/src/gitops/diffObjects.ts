// SPDX-License-Identifier: Apache-2.0
import { isDeepStrictEqual } from 'node:util';
import type { ObjectDiff } from '@causeway/plugin-delivery-common';
import { structuredPatch } from 'diff';
import { parseAllDocuments, stringify } from 'yaml';

type Fields = Readonly<Record<string, unknown>>;

/** How two renderings of one overlay differ. */
export interface RenderedDiff {
  readonly objects: readonly ObjectDiff[];
  /** Names of the objects that are the same in both. */
  readonly same: readonly string[];
}

/**
 * Compares two outputs of kustomize object by object, by content: order and style of the YAML do
 * not count. Values of Secrets are never shown, only that one differs.
 */
export function diffObjects(
  before: string,
  after: string,
  context: Pick<ObjectDiff, 'cluster' | 'configurationOnly'>,
): RenderedDiff {
  const old = objectsIn(before);
  const now = objectsIn(after);
  const keys = [...new Set([...now.keys(), ...old.keys()])];
  const differing = keys.filter(
    key => !isDeepStrictEqual(old.get(key), now.get(key)),
  );
  return {
    objects: differing.map(key => {
      const [left, right] = hidden(old.get(key), now.get(key));
      return {
        ...identityOf(right ?? left ?? {}),
        ...context,
        change: changeOf(left, right),
        lines: linesOf(left, right),
      };
    }),
    same: keys.filter(key => !differing.includes(key)),
  };
}

function changeOf(
  left: Fields | undefined,
  right: Fields | undefined,
): ObjectDiff['change'] {
  if (!left) return 'added';
  return right ? 'changed' : 'removed';
}

function objectsIn(rendered: string): ReadonlyMap<string, Fields> {
  const objects = parseAllDocuments(rendered)
    .map(document => document.toJS() as unknown)
    .filter(isFields);
  return new Map(
    objects.map(object => {
      const { kind, namespace = '', name } = identityOf(object);
      const group = String(object.apiVersion).replace(/\/?[^/]*$/, '');
      return [`${group} ${kind} ${namespace} ${name}`, object];
    }),
  );
}

function identityOf(
  object: Fields,
): Pick<ObjectDiff, 'kind' | 'name' | 'namespace'> {
  const metadata = isFields(object.metadata) ? object.metadata : {};
  const { namespace } = metadata;
  return {
    kind: String(object.kind),
    name: String(metadata.name),
    ...(typeof namespace === 'string' && { namespace }),
  };
}

const context = 3;

function linesOf(
  left: Fields | undefined,
  right: Fields | undefined,
): ObjectDiff['lines'] {
  const text = (object: Fields | undefined) =>
    object ? stringify(object, { lineWidth: 0 }) : '';
  const { hunks } = structuredPatch('', '', text(left), text(right), '', '', {
    context,
  });
  return hunks.flatMap((hunk, index) => [
    ...(index > 0 ? [{ sign: ' ' as const, text: '…' }] : []),
    ...hunk.lines.map(line => ({
      sign: signOf(line),
      text: line.slice(1),
    })),
  ]);
}

function signOf(line: string): ' ' | '+' | '-' {
  return line[0] === '+' || line[0] === '-' ? line[0] : ' ';
}

/** Both sides of a Secret with its values replaced: equal ones by the same word, others by two. */
function hidden(
  left: Fields | undefined,
  right: Fields | undefined,
): readonly [Fields | undefined, Fields | undefined] {
  return [
    withoutValues(left, right, 'before'),
    withoutValues(right, left, 'after'),
  ];
}

function withoutValues(
  object: Fields | undefined,
  other: Fields | undefined,
  word: string,
): Fields | undefined {
  if (!object || object.kind !== 'Secret') return object;
  const masked = ['data', 'stringData'].flatMap(field => {
    const values = object[field];
    if (!isFields(values)) return [];
    const others = isFields(other?.[field]) ? other[field] : {};
    const entries = Object.entries(values).map(([key, value]) => [
      key,
      value === others[key] ? '(hidden)' : `(hidden, ${word})`,
    ]);
    return [[field, Object.fromEntries(entries)]];
  });
  return { ...object, ...Object.fromEntries(masked) };
}

function isFields(value: unknown): value is Fields {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}
