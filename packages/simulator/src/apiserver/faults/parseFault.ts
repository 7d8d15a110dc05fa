// SPDX-License-Identifier: Apache-2.0
import type { Fault, FaultScope } from './Fault';

/**
 * A fault that was described wrongly; the message says what is wrong.
 *
 * @public
 */
export class InvalidFaultError extends Error {
  readonly name = 'InvalidFaultError';
}

type Kind = Fault['kind'];

const FIELDS: Readonly<Record<Kind, readonly string[]>> = {
  slow: ['milliseconds'],
  hang: [],
  error: ['code'],
  forbidden: [],
  malformed: [],
  gone: [],
  cut: ['afterEvents'],
  refuse: [],
};
const SCOPE = ['verbs', 'resources', 'namespaces', 'paths', 'share', 'seed'];
const DEFAULT_SLOWNESS = 3_000;
const LONGEST = 24 * 60 * 60 * 1000;

/**
 * Reads a fault from JSON. `slow` without `milliseconds` means 3,000.
 *
 * @throws InvalidFaultError
 * @public
 */
export function parseFault(given: unknown): Fault {
  const fields = fieldsOf(given);
  const kind = kindOf(fields.kind);
  const allowed = [...FIELDS[kind], ...(kind === 'refuse' ? [] : SCOPE)];
  const unknown = Object.keys(fields).filter(
    field => field !== 'kind' && !allowed.includes(field),
  );
  if (unknown.length > 0) {
    const known = allowed.length > 0 ? allowed.join(', ') : 'no other fields';
    throw new InvalidFaultError(
      `A fault of kind ${kind} has no ${unknown.join(', ')}; it takes ${known}`,
    );
  }
  const scope = scopeOf(fields);
  switch (kind) {
    case 'slow': {
      const { milliseconds = DEFAULT_SLOWNESS } = fields;
      mustBeWithin('milliseconds', milliseconds, 1, LONGEST);
      return { kind, milliseconds: Number(milliseconds), ...scope };
    }
    case 'error': {
      const { code } = fields;
      if (code === undefined) return { kind, ...scope };
      mustBeWhole('code', code, 400, 599);
      return { kind, code: Number(code), ...scope };
    }
    case 'cut': {
      const { afterEvents } = fields;
      if (afterEvents === undefined) return { kind, ...scope };
      mustBeWhole('afterEvents', afterEvents, 0, Number.MAX_SAFE_INTEGER);
      return { kind, afterEvents: Number(afterEvents), ...scope };
    }
    case 'refuse':
      return { kind };
    default:
      return { kind, ...scope };
  }
}

function fieldsOf(given: unknown): Readonly<Record<string, unknown>> {
  if (typeof given !== 'object' || given === null || Array.isArray(given)) {
    throw new InvalidFaultError('A fault is a JSON object with a kind');
  }
  const entries = Object.entries(given);
  return Object.fromEntries(entries.filter(([, value]) => value !== undefined));
}

function kindOf(given: unknown): Kind {
  const kinds = Object.keys(FIELDS);
  if (isKind(given)) return given;
  throw new InvalidFaultError(
    `kind must be one of ${kinds.join(', ')}, not ${JSON.stringify(given)}`,
  );
}

function isKind(given: unknown): given is Kind {
  return typeof given === 'string' && Object.hasOwn(FIELDS, given);
}

function scopeOf(fields: Readonly<Record<string, unknown>>): FaultScope {
  const { share, seed } = fields;
  if (share !== undefined) {
    mustBeWithin('share', share, Number.MIN_VALUE, 1);
  }
  if (seed !== undefined) {
    mustBeWhole('seed', seed, 0, Number.MAX_SAFE_INTEGER);
  }
  return {
    ...names(fields, 'verbs'),
    ...names(fields, 'resources'),
    ...names(fields, 'namespaces'),
    ...names(fields, 'paths'),
    ...(share !== undefined && { share: Number(share) }),
    ...(seed !== undefined && { seed: Number(seed) }),
  };
}

function names<F extends 'verbs' | 'resources' | 'namespaces' | 'paths'>(
  fields: Readonly<Record<string, unknown>>,
  field: F,
): FaultScope {
  const list = fields[field];
  if (list === undefined) return {};
  if (!isListOfNames(list)) {
    throw new InvalidFaultError(`${field} must be a list of texts, not empty`);
  }
  const strange = list.find(text => field === 'paths' && !/^[/*]/.test(text));
  if (strange !== undefined) {
    throw new InvalidFaultError(
      `paths must begin with / or *, not ${JSON.stringify(strange)}`,
    );
  }
  return { [field]: [...list] };
}

function isListOfNames(list: unknown): list is readonly string[] {
  return (
    Array.isArray(list) &&
    list.length > 0 &&
    list.every(text => typeof text === 'string' && text !== '')
  );
}

function mustBeWhole(
  field: string,
  value: unknown,
  least: number,
  most: number,
): void {
  mustBeWithin(field, value, least, most);
  if (!Number.isInteger(value)) {
    throw new InvalidFaultError(
      `${field} must be a whole number, not ${value}`,
    );
  }
}

function mustBeWithin(
  field: string,
  value: unknown,
  least: number,
  most: number,
): void {
  if (typeof value === 'number' && value >= least && value <= most) return;
  const lower = least === Number.MIN_VALUE ? 'above 0' : `at least ${least}`;
  throw new InvalidFaultError(
    `${field} must be a number of ${lower} and at most ${most}, not ${JSON.stringify(
      value,
    )}`,
  );
}
