// SPDX-License-Identifier: Apache-2.0
import Ajv, { type ErrorObject, type ValidateFunction } from 'ajv';
import type { DocumentPath, DocumentReading } from './documentReading';
import { nearestName } from './nearestName';
import type { PipelineProblem } from './pipeline';
import pipelineSchema from './pipeline.schema.json';

let compiled: ValidateFunction | undefined;

/** Everything in which the document differs from the published JSON Schema, in words, with places. */
export function schemaProblems(reading: DocumentReading): PipelineProblem[] {
  // Compiled on first use: the schema is also imported by pages that never validate.
  compiled ??= new Ajv({
    allErrors: true,
    verbose: true,
    allowUnionTypes: true,
  }).compile(pipelineSchema);
  if (compiled(reading.value)) return [];
  return (compiled.errors ?? []).map(error => describe(error, reading));
}

function describe(
  error: ErrorObject,
  reading: DocumentReading,
): PipelineProblem {
  const path = pathOf(error.instancePath, reading.value);
  const here = reading.at(path);
  const where = nameOf(path);
  switch (error.keyword) {
    case 'required': {
      const key = String(error.params.missingProperty);
      return {
        ...here,
        code: 'missing',
        message: `${where} has no \`${key}\`.${hintFor(error, key)}`,
      };
    }
    case 'additionalProperties': {
      const key = String(error.params.additionalProperty);
      const known = Object.keys(record(record(error.parentSchema).properties));
      const meant = nearestName(key, known);
      return {
        ...reading.at(path, key),
        code: 'unknownKey',
        message: `\`${key}\` is not known in ${where}. ${
          meant
            ? `Did you mean \`${meant}\`?`
            : `It takes ${listed(known.map(name => `\`${name}\``))}.`
        }`,
      };
    }
    case 'type':
      return {
        ...here,
        code: 'wrongType',
        message: `${where} must be ${typeNames(
          error.params.type,
        )}, not ${kindOf(error.data)}${about(error)}.`,
      };
    case 'enum':
      return unknownValue(error, here, where);
    case 'const':
      return {
        ...here,
        code: 'unknownValue',
        message: `${where} must be \`${
          error.params.allowedValue
        }\`, not ${shown(error.data)}.`,
      };
    case 'pattern':
      return {
        ...here,
        code: codeOf(error),
        message: `${where} is ${shown(error.data)}; it must be ${
          record(error.parentSchema).description
        }.`,
      };
    case 'minItems':
    case 'minLength':
      return {
        ...here,
        code: 'empty',
        message: `${where} is empty. Name at least one.`,
      };
    case 'minProperties':
    case 'maxProperties':
      return {
        ...here,
        code: 'oneOf',
        message: `${where} must hold ${
          record(error.parentSchema).description
        }.`,
      };
    default:
      return {
        ...here,
        code: 'outOfRange',
        message: `${where} ${error.message ?? 'is not allowed'}.`,
      };
  }
}

function unknownValue(
  error: ErrorObject,
  here: { line: number; column: number },
  where: string,
): PipelineProblem {
  const allowed = (error.params.allowedValues as readonly unknown[]).map(
    String,
  );
  const meant =
    typeof error.data === 'string'
      ? nearestName(error.data, allowed)
      : undefined;
  return {
    ...here,
    code: 'unknownValue',
    message: `${where} is ${shown(error.data)}; it must be ${listed(
      allowed,
      'or',
    )}.${meant ? ` Did you mean \`${meant}\`?` : ''}`,
  };
}

/** The definition that a pattern stands in names its code. */
function codeOf(error: ErrorObject): string {
  if (error.schemaPath.includes('/awayRule/')) return 'badAwayRule';
  if (error.schemaPath.includes('/duration/')) return 'badDuration';
  if (error.schemaPath.includes('/image/')) return 'badImage';
  if (error.schemaPath.includes('/repository/')) return 'badRepository';
  if (error.schemaPath.includes('/path/')) return 'badPath';
  return 'badName';
}

function hintFor(error: ErrorObject, key: string): string {
  const description = record(
    record(record(error.parentSchema).properties)[key],
  ).description;
  return typeof description === 'string' ? ` ${description}` : '';
}

function about(error: ErrorObject): string {
  const { description } = record(error.parentSchema);
  return typeof description === 'string' && !description.endsWith('.')
    ? `: ${description}`
    : '';
}

function pathOf(pointer: string, root: unknown): DocumentPath {
  let value = root;
  return pointer
    .split('/')
    .slice(1)
    .map(part => {
      const key = part.replace(/~1/g, '/').replace(/~0/g, '~');
      const step = Array.isArray(value) ? Number(key) : key;
      value = record(value)[key];
      return step;
    });
}

/** `stages[2].gates[0]` for people; the whole document has a name too. */
function nameOf(path: DocumentPath): string {
  if (path.length === 0) return 'The document';
  const text = path
    .map((part, index) => {
      if (typeof part === 'number') return `[${part}]`;
      return index === 0 ? part : `.${part}`;
    })
    .join('');
  return `\`${text}\``;
}

const TYPE_NAMES: Record<string, string> = {
  array: 'a list',
  object: 'a map',
  string: 'a text',
  integer: 'a whole number',
  number: 'a number',
  boolean: 'true or false',
};

function typeNames(type: unknown): string {
  const types: unknown[] = Array.isArray(type) ? type : [type];
  return listed(
    types.map(name => TYPE_NAMES[String(name)] ?? String(name)),
    'or',
  );
}

function kindOf(value: unknown): string {
  if (value === null || value === undefined) return 'empty';
  if (Array.isArray(value)) return 'a list';
  if (typeof value === 'object') return 'a map';
  return shown(value);
}

function shown(value: unknown): string {
  if (value === null || value === undefined) return 'empty';
  if (typeof value === 'object') return kindOf(value);
  const text = String(value);
  return `\`${text.length > 60 ? `${text.slice(0, 60)}…` : text}\``;
}

function listed(names: readonly string[], word = 'and'): string {
  return names.length < 2
    ? names.join('')
    : `${names.slice(0, -1).join(', ')} ${word} ${names[names.length - 1]}`;
}

function record(value: unknown): Record<string, unknown> {
  return typeof value === 'object' && value !== null
    ? (value as Record<string, unknown>)
    : {};
}
