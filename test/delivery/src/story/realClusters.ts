// SPDX-License-Identifier: Apache-2.0
import {
  AuthorizationV1Api,
  KubernetesObjectApi,
  RbacAuthorizationV1Api,
  type V1PolicyRule,
} from '@kubernetes/client-node';
import type { PipelineView } from '@causeway/plugin-delivery-common';
import { kubeConfigOf } from '../surroundings/kubeConfigOf';
import {
  documentedRole,
  portalUser,
  roleBinding,
} from '../surroundings/portalAccount';
import type { RealSurroundings } from '../surroundings/startRealSurroundings';
import type { TestPortal } from '../surroundings/TestPortal';
import { until } from '../surroundings/until';
import { ClusterOperator } from './ClusterOperator';
import { DeliveryClient, must } from './DeliveryClient';

/** What the Kubernetes plugin says about a service in one cluster. */
interface KubernetesAnswer {
  readonly items: readonly {
    readonly cluster: { readonly name: string };
    readonly errors: readonly { readonly statusCode?: number }[];
    readonly resources: readonly {
      readonly type: string;
      readonly resources: readonly {
        readonly metadata: { readonly name: string };
      }[];
    }[];
  }[];
}

/** What only real API servers do: rights, and a server that stops in the middle of everything. */
export function describeRealClusters(
  world: () => { surroundings: RealSurroundings; portal: TestPortal },
): void {
  const service = 'belt-control';
  let delivery: DeliveryClient;

  beforeAll(async () => {
    delivery = new DeliveryClient(world().portal, service);
    await delivery.untilKnown();
  });

  it('promotes without the right to ask Flux, when Flux looks by itself', async () => {
    const stage = 'cloud-staging';
    const address = world().surroundings.cluster(stage);
    const rights = kubeConfigOf(address).makeApiClient(RbacAuthorizationV1Api);
    const { metadata } = await documentedRole();
    const role = await rights.readClusterRole({ name: metadata?.name ?? '' });
    await rights.replaceClusterRole({
      name: metadata?.name ?? '',
      body: { ...role, rules: role.rules?.flatMap(withoutPatch) },
    });
    await until('the right to be gone', async () =>
      (await mayPatch()) ? undefined : true,
    );
    // Otherwise Flux may look by itself before it can be asked.
    const operator = new ClusterOperator(address);
    await operator.suspend(service, true);
    const { road, stages } = await delivery.pipeline();
    const running = stages.find(({ name }) => name === stage)?.release?.id;
    const other = road.find(({ release }) => release.id !== running)?.release;
    const { id } = must(
      202,
      await delivery.request('nils', { stage, release: other?.id ?? '' }),
    );
    const asked = await until('Flux to be asked', async () => {
      const { events } = await delivery.promotion(id);
      return events.find(({ type }) => type === 'reconcileRequested');
    });
    expect(asked.text).toMatch(/could not be asked .* looks by itself/);
    await operator.suspend(service, false);
    await operator.fetchNow();
    await delivery.untilPhase(id, 'succeeded');

    async function mayPatch(): Promise<boolean> {
      const review = await kubeConfigOf(address)
        .makeApiClient(AuthorizationV1Api)
        .createSubjectAccessReview({
          body: {
            spec: {
              user: portalUser,
              resourceAttributes: {
                group: 'kustomize.toolkit.fluxcd.io',
                resource: 'kustomizations',
                verb: 'patch',
              },
            },
          },
        });
      return review.status?.allowed ?? false;
    }
  });

  it('shows the others, and since when one is missing, while an API server hangs', async () => {
    const { surroundings } = world();
    surroundings.freeze('edge-staging');
    try {
      const silent = await until('the silence to be noticed', async () => {
        const pipeline = await delivery.pipeline();
        return freshnessIn(pipeline, 'edge-staging')?.state === 'live'
          ? undefined
          : pipeline;
      });
      const missing = freshnessIn(silent, 'edge-staging');
      expect(missing?.state).toMatch(/stale|unreachable/);
      expect(missing?.since).toEqual(expect.any(String));
      expect(missing?.problem).toBeTruthy();
      for (const other of [
        'cloud-staging',
        'cloud-production',
        'edge-production',
      ]) {
        const { state } = freshnessIn(silent, other) ?? {};
        expect({ other, state }).toEqual({ other, state: 'live' });
      }
    } finally {
      surroundings.thaw('edge-staging');
    }
    await until('the cluster to be heard again', async () =>
      freshnessIn(await delivery.pipeline(), 'edge-staging')?.state === 'live'
        ? true
        : undefined,
    );
  });

  it('shows pods in the Kubernetes tab, once the account may view them', async () => {
    const { portal, surroundings } = world();
    const look = async () => {
      const entity = {
        apiVersion: 'backstage.io/v1alpha1',
        kind: 'Component',
        metadata: { name: service, namespace: 'default' },
      };
      const path = `/kubernetes/services/${service}`;
      const { items } = must(
        200,
        await portal.call<KubernetesAnswer>('mia', 'POST', path, {
          entity,
          auth: {},
        }),
      );
      return items.find(({ cluster }) => cluster.name === 'cloud-production');
    };
    const before = await look();
    expect(before?.errors.map(({ statusCode }) => statusCode)).toContain(403);
    await KubernetesObjectApi.makeApiClient(
      kubeConfigOf(surroundings.cluster('cloud-production')),
    ).create(roleBinding('causeway-view', 'view'));
    const after = await until('the cluster to show everything', async () => {
      const seen = await look();
      if (seen?.errors.length !== 0) throw new Error(JSON.stringify(seen));
      return seen;
    });
    const pods = after.resources.find(({ type }) => type === 'pods');
    expect(pods?.resources).toHaveLength(2);
  });
}

/** The rule without that right, or none when it gave no other. */
function withoutPatch(rule: V1PolicyRule): V1PolicyRule[] {
  const verbs = rule.verbs.filter(verb => verb !== 'patch');
  return verbs.length > 0 ? [{ ...rule, verbs }] : [];
}

function freshnessIn({ stages }: PipelineView, stage: string) {
  const [target] = stages.find(({ name }) => name === stage)?.targets ?? [];
  return target?.freshness;
}
