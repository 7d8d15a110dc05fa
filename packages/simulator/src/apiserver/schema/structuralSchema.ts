// SPDX-License-Identifier: Apache-2.0
import { isJsonObject, listAt, objectAt, textAt } from '../objects';
import type { Json, JsonObject } from '../objects';
import { invalidField, requiredField } from '../status';
import type { Cause } from '../status';

/*
 * What a structural schema of a CustomResourceDefinition does to an object:
 * unknown fields are dropped, defaults filled in, values checked by type and
 * the plain keywords. CEL rules, formats and combinations are not evaluated.
 */

/** Drops fields the schema does not know and fills in its defaults. */
export function pruneAndDefault(
  object: JsonObject,
  schema: JsonObject,
): JsonObject {
  const kept = objectOf(object, schema, true);
  return isJsonObject(kept) ? kept : object;
}

function convert(value: Json, schema: JsonObject): Json {
  if (Array.isArray(value)) {
    const items = objectAt(schema, 'items');
    return value.map(item => convert(item, items));
  }
  return isJsonObject(value) ? objectOf(value, schema, false) : value;
}

function objectOf(value: JsonObject, schema: JsonObject, root: boolean): Json {
  const properties = objectAt(schema, 'properties');
  const others = schema.additionalProperties;
  const keepsAll =
    schema['x-kubernetes-preserve-unknown-fields'] === true || others === true;
  const result: JsonObject = {};
  for (const [name, child] of Object.entries(value)) {
    if (child === undefined) continue;
    const rule = properties[name];
    if (isJsonObject(rule)) {
      // null where null is not allowed means "the default", if there is one.
      const isUnset = child === null && rule.nullable !== true;
      if (isUnset && rule.default !== undefined) continue;
      result[name] = convert(child, rule);
    } else if (isJsonObject(others)) result[name] = convert(child, others);
    else if (keepsAll || (root && isTypeField(name))) result[name] = child;
    else if (schema['x-kubernetes-embedded-resource'] && isTypeField(name)) {
      result[name] = child;
    }
  }
  for (const [name, rule] of Object.entries(properties)) {
    const fallback = isJsonObject(rule) ? rule.default : undefined;
    if (result[name] === undefined && fallback !== undefined) {
      result[name] = convert(fallback, objectAt(rule));
    }
  }
  return result;
}

function isTypeField(name: string): boolean {
  return ['apiVersion', 'kind', 'metadata'].includes(name);
}

/** Everything about an object that its schema forbids. */
export function violations(object: JsonObject, schema: JsonObject): Cause[] {
  const { metadata: _metadata, ...rest } = object;
  const { metadata: _rule, ...properties } = objectAt(schema, 'properties');
  const required = listAt(schema, 'required').filter(
    name => !isTypeField(String(name)),
  );
  return [...check(rest, { ...schema, properties, required }, '')];
}

function* check(
  value: Json,
  schema: JsonObject,
  path: string,
): Iterable<Cause> {
  if (value === null && schema.nullable === true) return;
  const expected = textAt(schema, 'type');
  if (schema['x-kubernetes-int-or-string'] !== true && expected) {
    const found = typeOf(value);
    const fits =
      found === expected || (expected === 'number' && found === 'integer');
    if (!fits) {
      const why = `${path} in body must be of type ${expected}: ${JSON.stringify(
        found,
      )}`;
      yield {
        ...invalidField(path, value, why),
        reason: 'FieldValueTypeInvalid',
      };
      return;
    }
  }
  yield* checkKeywords(value, schema, path);
  if (Array.isArray(value)) {
    const items = objectAt(schema, 'items');
    for (const [index, item] of value.entries()) {
      yield* check(item, items, `${path}[${index}]`);
    }
  } else if (isJsonObject(value)) yield* checkFields(value, schema, path);
}

function* checkFields(
  value: JsonObject,
  schema: JsonObject,
  path: string,
): Iterable<Cause> {
  const properties = objectAt(schema, 'properties');
  const others = objectAt(schema, 'additionalProperties');
  const child = (name: string) => (path ? `${path}.${name}` : name);
  for (const name of listAt(schema, 'required').map(String)) {
    if (value[name] === undefined) yield requiredField(child(name));
  }
  for (const [name, item] of Object.entries(value)) {
    if (item === undefined) continue;
    const rule = name in properties ? objectAt(properties, name) : others;
    yield* check(item, rule, child(name));
  }
}

function* checkKeywords(
  value: Json,
  schema: JsonObject,
  path: string,
): Iterable<Cause> {
  const allowed = listAt(schema, 'enum');
  if (allowed.length > 0 && !allowed.includes(value)) {
    const list = allowed.map(one => JSON.stringify(one)).join(', ');
    yield {
      reason: 'FieldValueNotSupported',
      message: `Unsupported value: ${JSON.stringify(
        value,
      )}: supported values: ${list}`,
      field: path,
    };
  }
  const wrong = (why: string) => invalidField(path, value, why);
  const limit = (name: string): number | undefined => {
    const found = schema[name];
    return typeof found === 'number' ? found : undefined;
  };
  if (typeof value === 'number') {
    if (value < (limit('minimum') ?? -Infinity)) {
      const why = `${path} in body should be greater than or equal to ${schema.minimum}`;
      yield wrong(why);
    }
    if (value > (limit('maximum') ?? Infinity)) {
      const why = `${path} in body should be less than or equal to ${schema.maximum}`;
      yield wrong(why);
    }
  }
  if (typeof value === 'string') {
    if (schema.pattern && !new RegExp(String(schema.pattern)).test(value)) {
      yield wrong(`${path} in body should match '${schema.pattern}'`);
    }
    if (value.length < (limit('minLength') ?? 0)) {
      const why = `${path} in body should be at least ${schema.minLength} chars long`;
      yield wrong(why);
    }
    if (value.length > (limit('maxLength') ?? Infinity)) {
      yield wrong(`may not be more than ${schema.maxLength} bytes`);
    }
  }
}

function typeOf(value: Json): string {
  if (value === null) return 'null';
  if (Array.isArray(value)) return 'array';
  if (typeof value === 'number') {
    return Number.isInteger(value) ? 'integer' : 'number';
  }
  return typeof value;
}
