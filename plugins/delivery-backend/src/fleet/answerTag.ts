// SPDX-License-Identifier: Apache-2.0
import type {
  FleetDevice,
  FleetDevicePage,
  FleetDeviceRow,
  FleetSummary,
  Freshness,
} from '@causeway/plugin-delivery-common';
import { etagOf } from '../http/etag';

/** What an answer says of its own making. */
interface Made {
  readonly revision: string;
  readonly readAt: string;
}

/**
 * Names the content of an answer: the same while a reader who is told "unchanged" knows all that a
 * new answer would say. When it was made is left out, and so is when something was heard of that is
 * live: that it still is, is what "unchanged" says.
 */
export function answerTag<View extends Made>(
  view: View,
  lasting: (view: View) => object = own => own,
): string {
  return etagOf({ ...lasting(view), revision: undefined, readAt: undefined });
}

/** What lasts of a summary. */
export function lastingSummary(view: FleetSummary): object {
  return {
    ...view,
    clusters: view.clusters.map(cluster => ({
      ...cluster,
      freshness: lastingFreshness(cluster.freshness),
    })),
  };
}

/** What lasts of a page. */
export function lastingPage(view: FleetDevicePage): object {
  return { ...view, items: view.items.map(lastingRow) };
}

/** What lasts of a device. */
export function lastingDevice(view: FleetDevice): object {
  return {
    ...view,
    ...lastingRow(view),
    freshness: lastingFreshness(view.freshness),
  };
}

function lastingRow(row: FleetDeviceRow): FleetDeviceRow {
  return row.connectivity.state === 'live'
    ? { ...row, lastSeen: undefined }
    : row;
}

function lastingFreshness(freshness: Freshness | FleetDevice['freshness']) {
  return freshness.state === 'live' ? { state: 'live' } : freshness;
}
