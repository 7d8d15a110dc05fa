// SPDX-License-Identifier: Apache-2.0
import type { FleetFilter } from '@causeway/plugin-delivery-common';
import { useMemo } from 'react';
import { useSearchParams } from 'react-router-dom';
import { parseSearch, writeSearch, type FleetSearch } from './fleetSearch';

/** What the URL asks for, and the ways to ask for something else. */
export interface FleetSearchControl extends FleetSearch {
  readonly change: (to: Partial<FleetSearch>) => void;
  readonly setFilter: (filter: FleetFilter) => void;
}

/**
 * The search of the page. It lives in the URL, so that it can be sent to somebody; changing it does
 * not fill the history of the browser.
 */
export function useFleetSearch(): FleetSearchControl {
  const [parameters, setParameters] = useSearchParams();
  return useMemo(() => {
    const search = parseSearch(parameters);
    const change = (to: Partial<FleetSearch>) =>
      setParameters(
        current => writeSearch({ ...parseSearch(current), ...to }, current),
        { replace: true },
      );
    return { ...search, change, setFilter: filter => change({ filter }) };
  }, [parameters, setParameters]);
}
