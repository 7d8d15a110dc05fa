// SPDX-License-Identifier: Apache-2.0
import type { Column } from '../kinds/ResourceType';
import { listAt, numberAt, objectAt, textAt } from '../objects';
import type { Json, KubeObject } from '../objects';
import { labelSelectorText } from '../selectors/labelSelector';
import { ageOf } from './humanDuration';

type CellValue = string | number | boolean | null;

/** A column whose cell is made by a function of the object. */
export function column(
  name: string,
  value: (object: KubeObject, now: Date) => CellValue,
  options: Partial<Pick<Column, 'type' | 'format' | 'priority'>> = {},
): Column {
  return { name, type: 'string', ...options, value };
}

/** A column that shows a text field, or a stand-in where it is empty. */
export function textColumn(name: string, path: string, absent = ''): Column {
  return column(name, object => textAt(object, ...path.split('.')) || absent);
}

/** A column that shows a number; 0 where there is none. */
export function numberColumn(name: string, path: string): Column {
  return column(name, object => numberAt(object, path.split('.'), 0), {
    type: 'integer',
  });
}

/** The same column, shown with `-o wide` only. */
export function wide(shown: Column): Column {
  return { ...shown, priority: 1 };
}

export const nameColumn = column('Name', object => object.metadata.name ?? '', {
  format: 'name',
});

export const ageColumn = column('Age', (object, now) =>
  ageOf(object.metadata.creationTimestamp, now),
);

/** Names, images and selector of a workload, shown with `-o wide`. */
export const workloadColumns: readonly Column[] = [
  wide(column('Containers', object => ofContainers(object, 'name'))),
  wide(column('Images', object => ofContainers(object, 'image'))),
  wide(
    column('Selector', object =>
      labelSelectorText(objectAt(object, 'spec', 'selector')),
    ),
  ),
];

function ofContainers(object: KubeObject, field: string): string {
  return listAt(object, 'spec', 'template', 'spec', 'containers')
    .map(container => textAt(container, field))
    .join(',');
}

/** `ready/wanted` from two number fields. */
export function outOf(name: string, ready: string, wanted: string): Column {
  return column(
    name,
    object =>
      `${numberAt(object, ready.split('.'), 0)}/${numberAt(
        object,
        wanted.split('.'),
        0,
      )}`,
  );
}

/** Number of fields of an object: how many keys a ConfigMap has. */
export function countColumn(name: string, ...paths: string[]): Column {
  return column(
    name,
    object => paths.reduce((sum, path) => sum + sizeOf(object[path]), 0),
    { type: 'integer' },
  );
}

function sizeOf(value: Json | undefined): number {
  if (Array.isArray(value)) return value.length;
  return typeof value === 'object' && value !== null
    ? Object.keys(value).length
    : 0;
}
