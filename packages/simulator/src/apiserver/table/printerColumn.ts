// SPDX-License-Identifier: Apache-2.0
import type { Column } from '../kinds/ResourceType';
import { isJsonObject, listAt, textAt } from '../objects';
import type { Json, JsonObject } from '../objects';
import { ageOf } from './humanDuration';

/** One step of a JSON path: `.name`, `[0]`, `[*]` or a filter. */
const STEP = /\[\?\([^)]*\)\]|\[[^\]]*\]|\.(?:\\.|[^.[\]\\])+/g;
const FILTER = /^\[\?\(\s*@((?:\.[\w-]+)+)\s*==\s*["']([^"']*)["']\s*\)\]$/;

/** A column from `additionalPrinterColumns` of a CustomResourceDefinition. */
export function printerColumn(definition: JsonObject): Column {
  const path = textAt(definition, 'jsonPath');
  const type = textAt(definition, 'type');
  const isDate = type === 'date';
  return {
    name: textAt(definition, 'name'),
    type: isColumnType(type) ? type : 'string',
    format: textAt(definition, 'format'),
    description: textAt(definition, 'description'),
    priority: Number(textAt(definition, 'priority') || 0),
    value(object, now) {
      const [found] = jsonPath(object, path);
      if (found === undefined || found === null)
        return isDate ? '<unknown>' : '';
      if (isDate) return ageOf(String(found), now);
      return typeof found === 'object' ? JSON.stringify(found) : found;
    },
  };
}

function isColumnType(type: string): type is Column['type'] {
  return ['string', 'integer', 'number', 'boolean', 'date'].includes(type);
}

/**
 * Values at a simple JSON path: `.spec.url`, `.items[0].name`, `.list[*]`,
 * `.status.conditions[?(@.type=="Ready")].status`, `.labels['a\.b']`.
 */
export function jsonPath(value: Json, path: string): Json[] {
  const steps = path.match(STEP) ?? [];
  return steps.reduce<Json[]>(
    (found, step) => found.flatMap(item => follow(item, step)),
    [value],
  );
}

function follow(value: Json, step: string): Json[] {
  const filter = FILTER.exec(step);
  if (filter) {
    const path = filter[1].slice(1).split('.');
    return listAt({ value }, 'value').filter(
      item => textAt(item, ...path) === filter[2],
    );
  }
  if (step === '[*]') return listAt({ value }, 'value');
  if (/^\[\d+\]$/.test(step)) {
    const item = listAt({ value }, 'value')[Number(step.slice(1, -1))];
    return item === undefined ? [] : [item];
  }
  const name = step.replace(/^\.|^\['?|'?\]$/g, '').replace(/\\(.)/g, '$1');
  const found = isJsonObject(value) ? value[name] : undefined;
  return found === undefined ? [] : [found];
}
