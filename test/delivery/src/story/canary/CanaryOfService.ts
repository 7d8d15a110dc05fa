// SPDX-License-Identifier: Apache-2.0
import type { CanaryView } from '@causeway/plugin-delivery-common';
import { AppsV1Api, CustomObjectsApi } from '@kubernetes/client-node';
import type { Surroundings } from '../../surroundings/Surroundings';
import type { TestPortal } from '../../surroundings/TestPortal';
import { until } from '../../surroundings/until';
import { PromotedService } from '../PromotedService';
import type { CanaryService } from './canaryServices';

/** Flagger looks every ten seconds, and some looks only prepare the next. */
const STEP_PATIENCE_MS = 120_000;

/** What this story reads of an HTTPRoute. */
interface Route {
  readonly spec: {
    readonly rules: readonly {
      readonly backendRefs: readonly {
        readonly name: string;
        readonly weight?: number;
      }[];
    }[];
  };
}

/** A service and its canary, with what the cluster itself shows. */
export class CanaryOfService extends PromotedService {
  readonly #service: CanaryService;

  constructor(
    portal: TestPortal,
    surroundings: Surroundings,
    service: CanaryService,
  ) {
    super(portal, surroundings, service);
    this.#service = service;
  }

  /** Waits until the portal knows the service and Flagger is ready for new versions of it. */
  async untilReady(): Promise<void> {
    await this.delivery.untilKnown();
    await until(
      `Flagger to have set ${this.#service.name} up`,
      async () => {
        const { namespace, name } = this.#service;
        const { status } = await this.cluster
          .makeApiClient(CustomObjectsApi)
          .getNamespacedCustomObject({
            group: 'flagger.app',
            version: 'v1beta1',
            namespace,
            plural: 'canaries',
            name,
          });
        return status?.phase === 'Initialized' || undefined;
      },
      STEP_PATIENCE_MS,
    );
  }

  /** Share of the traffic in percent that the route in the cluster gives to the new version. */
  async weight(): Promise<number> {
    const { namespace, name } = this.#service;
    const route: Route = await this.cluster
      .makeApiClient(CustomObjectsApi)
      .getNamespacedCustomObject({
        group: 'gateway.networking.k8s.io',
        version: 'v1',
        namespace,
        plural: 'httproutes',
        name,
      });
    const backends = route.spec.rules[0]?.backendRefs ?? [];
    return (
      backends.find(backend => backend.name === `${name}-canary`)?.weight ?? 0
    );
  }

  /** Waits until the route gives the new version a share, in percent. Returns when it was seen. */
  untilWeight(percent: number, patienceMs = STEP_PATIENCE_MS): Promise<Date> {
    return until(
      `${this.#service.name} to have ${percent} % on the new version`,
      async () => {
        const weight = await this.weight();
        if (weight !== percent) throw new Error(`It has ${weight} %`);
        return new Date();
      },
      patienceMs,
    );
  }

  /** Waits until the cluster declares a version for the new one. */
  async untilDeclared(version: string | undefined): Promise<void> {
    await until(
      `${this.#service.name} to be declared as ${version}`,
      async () => (await this.versions()).canary === version || undefined,
      STEP_PATIENCE_MS,
    );
  }

  /**
   * Waits until the engine has asked so many times, at different moments, and was refused for a
   * reason. Returns the weights that the route had meanwhile.
   */
  async untilRefused(
    promotion: string,
    code: string,
    times: number,
  ): Promise<readonly number[]> {
    const moments = new Set<string>();
    const weights = new Set<number>();
    await until(
      `${code} to be answered ${times} times`,
      async () => {
        const [target] = (await this.view(promotion)).targets;
        const question = target?.question;
        if (question?.code === code && !question.open) moments.add(question.at);
        weights.add(await this.weight());
        if (moments.size < times) throw new Error(JSON.stringify(target));
        return true;
      },
      times * STEP_PATIENCE_MS,
    );
    return [...weights];
  }

  /** Versions of the Deployments of the new and the stable version, from the cluster itself. */
  async versions(): Promise<{ canary?: string; stable?: string }> {
    const { namespace, name } = this.#service;
    const api = this.cluster.makeApiClient(AppsV1Api);
    const versionOf = async (deployment: string) => {
      const { spec } = await api.readNamespacedDeployment({
        namespace,
        name: deployment,
      });
      const image = spec?.template.spec?.containers[0]?.image;
      return image?.replace(/.*:(.*)@sha256:.*/, '$1');
    };
    return {
      canary: await versionOf(name),
      stable: await versionOf(`${name}-primary`),
    };
  }
}

/** Holds that all four steps are done, each after a soak in milliseconds. */
export function expectEveryStep(
  { targets: [{ steps }] }: CanaryView,
  soak: number,
): void {
  expect(steps.map(({ weight, state }) => `${weight} ${state}`)).toEqual([
    '5 done',
    '25 done',
    '50 done',
    '100 done',
  ]);
  for (const { since, until: end } of steps) {
    const length = Date.parse(end ?? '') - Date.parse(since ?? '');
    expect(length).toBeGreaterThanOrEqual(soak);
  }
}
