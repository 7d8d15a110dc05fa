// SPDX-License-Identifier: Apache-2.0
import { objectAt, textAt } from '../objects';
import type { KubeObject } from '../objects';
import { field } from '../selectors/fieldSelector';
import { column, nameColumn, textColumn, wide } from '../table/columns';
import { ageOf } from '../table/humanDuration';
import { defineKind } from './defineKind';
import type { ResourceType } from './ResourceType';

const COLLECTION = 'v1/events';

/** Events, and the same events in the words of `events.k8s.io`. */
export const eventKinds: readonly ResourceType[] = [
  defineKind({
    group: '',
    version: 'v1',
    kind: 'Event',
    plural: 'events',
    shortNames: ['ev'],
    collection: COLLECTION,
    createOnUpdate: true,
    selectableFields: [
      ...[
        'kind',
        'namespace',
        'name',
        'uid',
        'apiVersion',
        'resourceVersion',
        'fieldPath',
      ].map(name => field(`involvedObject.${name}`)),
      field('reason'),
      field('reportingComponent'),
      { label: 'source', path: ['source', 'component'] },
      field('type'),
    ],
    columns: [
      column('Last Seen', lastSeen),
      textColumn('Type', 'type'),
      textColumn('Reason', 'reason'),
      column('Object', event => {
        const { kind = '', name = '' } = objectAt(event, 'involvedObject');
        return `${String(kind).toLowerCase()}/${name}`;
      }),
      wide(textColumn('Subobject', 'involvedObject.fieldPath')),
      wide(textColumn('Source', 'source.component')),
      textColumn('Message', 'message'),
      wide(column('First Seen', firstSeen)),
      wide(column('Count', event => textAt(event, 'count') || '1')),
      wide(nameColumn),
    ],
  }),
  defineKind({
    group: 'events.k8s.io',
    version: 'v1',
    kind: 'Event',
    plural: 'events',
    shortNames: ['ev'],
    collection: COLLECTION,
    createOnUpdate: true,
    selectableFields: [
      ...['kind', 'namespace', 'name', 'uid'].map(name => ({
        label: `regarding.${name}`,
        path: ['involvedObject', name],
      })),
      field('reason'),
      { label: 'reportingController', path: ['reportingComponent'] },
      field('type'),
    ],
    columns: [
      column('Last Seen', lastSeen),
      textColumn('Type', 'type'),
      textColumn('Reason', 'reason'),
      column('Object', event => {
        const { kind = '', name = '' } = objectAt(event, 'involvedObject');
        return `${String(kind).toLowerCase()}/${name}`;
      }),
      textColumn('Message', 'message'),
    ],
    conversion: { toStored, fromStored },
  }),
];

/** Fields that only have another name in `events.k8s.io`. */
const NAMES: readonly (readonly [stored: string, shown: string])[] = [
  ['involvedObject', 'regarding'],
  ['message', 'note'],
  ['reportingComponent', 'reportingController'],
  ['source', 'deprecatedSource'],
  ['firstTimestamp', 'deprecatedFirstTimestamp'],
  ['lastTimestamp', 'deprecatedLastTimestamp'],
  ['count', 'deprecatedCount'],
];

function fromStored(object: KubeObject): KubeObject {
  return renamed(object, new Map(NAMES));
}

function toStored(object: KubeObject): KubeObject {
  return renamed(
    object,
    new Map(NAMES.map(([stored, shown]) => [shown, stored])),
  );
}

function renamed(
  object: KubeObject,
  names: ReadonlyMap<string, string>,
): KubeObject {
  const fields = Object.entries(object).map(([name, value]) => [
    names.get(name) ?? name,
    value,
  ]);
  return { ...Object.fromEntries(fields), metadata: object.metadata };
}

function lastSeen(event: KubeObject, now: Date): string {
  const seen =
    textAt(event, 'series', 'lastObservedTime') ||
    textAt(event, 'lastTimestamp') ||
    textAt(event, 'eventTime');
  return ageOf(seen, now);
}

function firstSeen(event: KubeObject, now: Date): string {
  return ageOf(
    textAt(event, 'firstTimestamp') || textAt(event, 'eventTime'),
    now,
  );
}
