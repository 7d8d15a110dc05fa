// SPDX-License-Identifier: Apache-2.0
import { deliveryAuditReadPermission } from '@causeway/plugin-delivery-common';
import type { EventLog, RecordedEvent } from '../audit/EventLog';
import type { Clusters } from '../clusters/Clusters';
import type { Admission } from './Admission';
import type { Handlers } from './routes';

/** How the plugin itself is doing, for the probes of the platform. */
export type Health = 'ok' | 'starting' | 'failing';

/** Clusters, the event log and health. */
export function operationsHandlers(parts: {
  readonly admission: Admission;
  readonly clusters: Clusters;
  readonly eventLog: EventLog;
  readonly health: () => Promise<Health>;
}): Handlers<'getClusters' | 'verifyLog' | 'exportLog' | 'getHealth'> {
  const { admission, clusters, eventLog, health } = parts;
  return {
    async getClusters(request) {
      await admission.read(request);
      return {
        status: 200,
        body: {
          items: clusters
            .list()
            .map(({ name, title, freshness, objects, revision }) => ({
              name,
              title,
              freshness,
              objects,
              revision,
            })),
        },
      };
    },

    async verifyLog(request) {
      await admission.read(request, deliveryAuditReadPermission);
      const { intact, events, streams, problems } = await eventLog.verify();
      return {
        status: 200,
        body: {
          intact,
          events,
          streams,
          problems: problems.map(problem => ({ ...problem })),
        },
      };
    },

    async exportLog(request) {
      await admission.read(request, deliveryAuditReadPermission);
      return { status: 200, lines: asLines(eventLog.export()) };
    },

    async getHealth() {
      const status = await health();
      return {
        status: status === 'ok' ? 200 : 503,
        headers: { 'Cache-Control': 'no-store' },
        body: { status },
      };
    },
  };
}

async function* asLines(
  events: AsyncIterable<RecordedEvent>,
): AsyncIterable<string> {
  for await (const event of events) yield JSON.stringify(event);
}
