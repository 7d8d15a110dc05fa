// SPDX-License-Identifier: Apache-2.0
import type { Cluster } from '../runtime/Cluster';
import type { KubernetesObject, Resource } from '../runtime/resources';
import { canonicalJson } from '../workloads/templateHash';
import { Deployment, deployments } from '../workloads/workloads';
import { Canary, serviceNames } from './flaggerObjects';
import { primaryOf, promotionOf, selectorLabelOf, serviceOf } from './primary';
import { readinessOf } from './readiness';

interface Service extends KubernetesObject {
  readonly spec: { readonly selector?: object; readonly ports?: unknown };
}

const services: Resource<Service> = {
  apiVersion: 'v1',
  kind: 'Service',
  plural: 'services',
  namespaced: true,
};

/** The deployments and services of a canary. */
export class CanaryWorkload {
  readonly readiness = readinessOf;

  constructor(
    private readonly canary: Canary,
    private readonly cluster: Cluster,
  ) {}

  /** Makes the services of the two sides, or corrects them. */
  async ensureServices(target: Deployment): Promise<void> {
    const { label, value } = selectorLabelOf(target);
    const names = serviceNames(this.canary);
    await this.#ensureService(names.canary, { label, pods: value });
    await this.#ensureService(names.primary, {
      label,
      pods: `${value}-primary`,
    });
  }

  /** Makes the service that users call, and lets it select the primary. */
  async pointServiceToPrimary(target: Deployment): Promise<void> {
    const { label, value } = selectorLabelOf(target);
    const { apex } = serviceNames(this.canary);
    await this.#ensureService(apex, { label, pods: `${value}-primary` });
  }

  /** The primary; made from the target when there is none. */
  async ensurePrimary(target: Deployment): Promise<Deployment> {
    return (
      (await this.primary()) ??
      this.cluster.client.create(
        deployments,
        target.metadata.namespace,
        primaryOf(this.canary, target),
      )
    );
  }

  primary(): Promise<Deployment | undefined> {
    return this.cluster.client.get(deployments, {
      namespace: this.canary.metadata.namespace,
      name: `${this.canary.spec.targetRef.name}-primary`,
    });
  }

  /** Gives the primary what the target has. */
  async promote(target: Deployment): Promise<void> {
    const primary = await this.primary();
    if (!primary) return;
    await this.cluster.client.patch(
      deployments,
      primary.metadata,
      promotionOf(target),
      { kind: 'json' },
    );
  }

  /** As many pods as the target names, or as the primary has. */
  async scaleFromZero(target: Deployment): Promise<void> {
    const primary = await this.primary();
    const wanted = target.spec.replicas || primary?.spec.replicas || 1;
    await this.scaleTarget(wanted);
  }

  async scaleTarget(replicas: number): Promise<void> {
    await this.cluster.client.patch(
      deployments,
      {
        namespace: this.canary.metadata.namespace,
        name: this.canary.spec.targetRef.name,
      },
      { spec: { replicas } },
    );
  }

  async #ensureService(
    name: string,
    selects: { readonly label: string; readonly pods: string },
  ): Promise<void> {
    const { client } = this.cluster;
    const { namespace } = this.canary.metadata;
    const wanted = serviceOf(this.canary, name, selects);
    const present = await client.get(services, { namespace, name });
    if (!present) {
      await client.create(services, namespace, wanted);
      return;
    }
    const { selector } = wanted.spec as Service['spec'];
    if (canonicalJson(present.spec.selector) !== canonicalJson(selector))
      await client.patch(services, present.metadata, { spec: { selector } });
  }
}
