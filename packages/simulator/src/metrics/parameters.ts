// SPDX-License-Identifier: Apache-2.0
import type { Request } from 'express';
import type { Clock } from '../time/Scheduler';
import { parsePromDuration } from './promql/duration';

/** A parameter of the request can not be used. */
export class BadParameter extends Error {}

/** A parameter of a query, from the form or the address. */
export function parameter(request: Request, name: string): string | undefined {
  const value = request.body?.[name] ?? request.query[name];
  return typeof value === 'string' ? value : undefined;
}

/** An instant in milliseconds, given in seconds or as RFC 3339. */
export function timeOf(
  text: string | undefined,
  name: string,
  fallback?: Clock,
): number {
  if (text === undefined && fallback) return fallback().getTime();
  const isNumber = text !== undefined && /^-?\d+(\.\d+)?$/.test(text);
  const time = isNumber
    ? Math.round(Number(text) * 1_000)
    : Date.parse(text ?? '');
  if (Number.isNaN(time)) {
    throw new BadParameter(
      `invalid parameter "${name}": cannot parse ${JSON.stringify(
        text ?? '',
      )} to a valid timestamp`,
    );
  }
  return time;
}

/** A step in milliseconds, given in seconds or as a duration. */
export function stepOf(text: string | undefined): number {
  const step = parsePromDuration(text ?? '');
  if (step === undefined || !(step > 0)) {
    throw new BadParameter(
      'invalid parameter "step": zero or negative query resolution step widths are not accepted. Try a positive integer',
    );
  }
  return Math.max(1, step);
}

/** The selectors of a request, none when it has none. */
export function matches(request: Request): readonly string[] {
  const given =
    request.body?.['match[]'] ??
    request.query['match[]'] ??
    request.query.match;
  if (given === undefined) return [];
  return (Array.isArray(given) ? given : [given]).map(String);
}
