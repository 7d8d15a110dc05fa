// SPDX-License-Identifier: Apache-2.0
import { stringifyEntityRef } from '@backstage/catalog-model';
import {
  historyItem,
  parsePipeline,
  type Pipeline,
} from '@causeway/plugin-delivery-common';
import type { Services } from '../catalog/Services';
import type { Clusters } from '../clusters/Clusters';
import type { Promotions } from '../promotions/Promotions';
import { inView, type PipelineViews } from '../views/PipelineViews';
import type { ConfiguredProbes } from '../waves/probes/readProbeConfig';
import { unknownService, type Admission } from './Admission';
import { isKnown } from './etag';
import type { Handlers } from './routes';

/** Pipelines, their history and the check of a document. */
export function pipelineHandlers(parts: {
  readonly admission: Admission;
  readonly services: Services;
  readonly clusters: Clusters;
  readonly promotions: Promotions;
  readonly views: PipelineViews;
  readonly fleetLocation?: Pipeline['fleet'];
  readonly probes: ConfiguredProbes;
}): Handlers<'getPipeline' | 'getHistory' | 'validatePipeline'> {
  const { admission, services, clusters, promotions, views } = parts;
  return {
    async getPipeline(request) {
      const caller = await admission.read(request);
      const { etag, view } = await views.get(
        stringifyEntityRef(request.params),
        caller,
      );
      const headers = { ETag: etag };
      return isKnown(request.header('if-none-match'), etag)
        ? { status: 304, headers }
        : { status: 200, headers, body: view };
    },

    async getHistory(request) {
      await admission.read(request);
      const service = stringifyEntityRef(request.params);
      if (!(await services.find(service))) throw unknownService(service);
      const { limit = 20, stage, only, cursor } = request.query;
      const page = await promotions.history({
        service,
        stage,
        kind: only,
        cursor,
        limit,
      });
      return {
        status: 200,
        body: {
          items: page.items.map(stored => historyItem(inView(stored))),
          ...(page.nextCursor && { nextCursor: page.nextCursor }),
        },
      };
    },

    async validatePipeline(request) {
      await admission.read(request);
      const service = await services.find(request.body.service);
      if (!service) throw unknownService(request.body.service);
      const known = clusters.list().map(cluster => cluster.name);
      const { problems = [] } = parsePipeline(request.body.document, {
        service: service.ref,
        ...(known.length > 0 && { clusters: known }),
        probes: [...parts.probes.keys()],
        defaults: {
          ...(parts.fleetLocation && { fleet: parts.fleetLocation }),
          ...(service.system && { namespace: service.system }),
        },
      });
      return {
        status: 200,
        body: { valid: problems.length === 0, problems: [...problems] },
      };
    },
  };
}
