// SPDX-License-Identifier: Apache-2.0
import {
  axisStates,
  type AxisName,
  type FleetFilter,
  type FleetSort,
} from '@causeway/plugin-delivery-common';

/** What stands beside what on the page. */
export const layouts = ['both', 'map', 'table'] as const;
export type Layout = (typeof layouts)[number];

/** The orders of the table; with `-` the other way round. */
export const sortKeys = [
  'name',
  'site',
  'health',
  'connectivity',
  'temperature',
  'lastSeen',
  'version',
] as const;
export type SortKey = (typeof sortKeys)[number];

/** Worst first: whoever opens the page wants to know what is wrong. */
export const USUAL_SORT: FleetSort = 'health';

/** The parts of the filter that are lists of names which only the backend knows. */
const nameFilters = [
  'site',
  'cluster',
  'hardware',
  'version',
  'label',
  'service',
] as const;

/** The parts of the filter that hold several values. */
export type ListFilter = (typeof nameFilters)[number] | AxisName;

export const listFilters: readonly ListFilter[] = [
  ...nameFilters,
  ...(Object.keys(axisStates) as AxisName[]),
];

/** More values than this are more than the backend takes for one filter. */
export const MOST_VALUES = 50;

/** What the page of the fleet shows: one filter for map and table, the order, and the layout. */
export interface FleetSearch {
  readonly filter: FleetFilter;
  readonly sort: FleetSort;
  readonly layout: Layout;
}

/**
 * What a URL asks for. Values that mean nothing are left out, so that an old or mistyped link shows
 * the fleet instead of an error.
 */
export function parseSearch(parameters: URLSearchParams): FleetSearch {
  const text = parameters.get('text')?.trim();
  const filter = Object.fromEntries(
    listFilters.flatMap(key => {
      const values = valuesOf(parameters, key);
      return values.length > 0 ? [[key, values]] : [];
    }),
  );
  return {
    filter: { ...filter, ...(text ? { text } : {}) },
    sort: parseSort(parameters.get('sort')),
    layout: layouts.find(each => each === parameters.get('view')) ?? 'both',
  };
}

/** The URL of a search; what is as usual is not in it. Parameters of others stay. */
export function writeSearch(
  search: FleetSearch,
  parameters = new URLSearchParams(),
): URLSearchParams {
  const next = new URLSearchParams(parameters);
  ['text', 'sort', 'view', ...listFilters].forEach(key => next.delete(key));
  listFilters.forEach(key =>
    search.filter[key]?.forEach(value => next.append(key, value)),
  );
  if (search.filter.text) next.set('text', search.filter.text);
  if (search.sort !== USUAL_SORT) next.set('sort', search.sort);
  if (search.layout !== 'both') next.set('view', search.layout);
  return next;
}

/** The same filter with other values of one key; without any the key is gone. */
export function withValues(
  filter: FleetFilter,
  key: ListFilter,
  values: readonly string[],
): FleetFilter {
  const { [key]: _, ...others } = filter;
  return values.length > 0 ? { ...others, [key]: values } : others;
}

/** The same filter with a value of one key put in, or taken out when it was there. */
export function toggleValue(
  filter: FleetFilter,
  key: ListFilter,
  value: string,
): FleetFilter {
  const values: readonly string[] = filter[key] ?? [];
  return withValues(
    filter,
    key,
    values.includes(value)
      ? values.filter(each => each !== value)
      : [...values, value],
  );
}

/** Sorts by a column; by the same column again the other way round. */
export function sortBy(current: FleetSort, key: SortKey): FleetSort {
  return current === key ? `-${key}` : key;
}

/** The column a sort is by, and its direction. */
export function describeSort(sort: FleetSort): {
  readonly key: SortKey;
  readonly direction: 'ascending' | 'descending';
} {
  const isDescending = sort.startsWith('-');
  const name = isDescending ? sort.slice(1) : sort;
  return {
    key: sortKeys.find(key => key === name) ?? 'name',
    direction: isDescending ? 'descending' : 'ascending',
  };
}

function parseSort(text: string | null): FleetSort {
  const all = sortKeys.flatMap(key => [key, `-${key}`] as const);
  return all.find(each => each === text) ?? USUAL_SORT;
}

function valuesOf(
  parameters: URLSearchParams,
  key: ListFilter,
): readonly string[] {
  const known: readonly string[] | undefined =
    key in axisStates ? axisStates[key as AxisName] : undefined;
  const values = new Set(parameters.getAll(key).filter(value => value !== ''));
  return [...values]
    .filter(value => known?.includes(value) ?? true)
    .slice(0, MOST_VALUES);
}
