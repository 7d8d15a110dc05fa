// SPDX-License-Identifier: Apache-2.0
import type { CanaryView } from '@causeway/plugin-delivery-common';
import {
  CoreV1Api,
  CustomObjectsApi,
  PatchStrategy,
  setHeaderOptions,
} from '@kubernetes/client-node';
import type { Surroundings } from '../../surroundings/Surroundings';
import type { TestPortal } from '../../surroundings/TestPortal';
import { until } from '../../surroundings/until';
import { PromotedService, watchedStage } from '../PromotedService';
import type { RolloutService } from './rolloutServices';

/** Pods start at once here; the machine may be busy. */
const PATIENCE_MS = 120_000;

/** What this story reads of a Rollout. */
export interface Rollout {
  readonly spec: { readonly paused?: boolean };
  readonly status?: {
    readonly phase?: string;
    readonly message?: string;
    readonly abort?: boolean;
    readonly currentStepIndex?: number;
    readonly currentPodHash?: string;
    readonly stableRS?: string;
    readonly pauseConditions?: readonly { readonly reason: string }[];
    readonly blueGreen?: { readonly activeSelector?: string };
  };
}

/** A service behind Argo Rollouts, with what the cluster itself shows. */
export class RolloutOfService extends PromotedService {
  readonly #service: RolloutService;

  constructor(
    portal: TestPortal,
    surroundings: Surroundings,
    service: RolloutService,
  ) {
    super(portal, surroundings, service);
    this.#service = service;
  }

  /** Waits until the portal knows the service and its first version runs behind the Rollout. */
  async untilReady(): Promise<void> {
    await this.untilRollout(
      'healthy',
      ({ status }) => status?.phase === 'Healthy',
    );
    await this.delivery.untilKnown();
  }

  async rollout(): Promise<Rollout> {
    const rollout: Rollout = await this.cluster
      .makeApiClient(CustomObjectsApi)
      .getNamespacedCustomObject(this.#address);
    return rollout;
  }

  /** Waits until the Rollout in the cluster is as wished; says how it is when it does not become so. */
  untilRollout(
    what: string,
    isSo: (rollout: Rollout) => boolean,
    patienceMs = PATIENCE_MS,
  ): Promise<Rollout> {
    return until(
      `the Rollout ${this.#service.name} to be ${what}`,
      async () => {
        const rollout = await this.rollout();
        if (!isSo(rollout)) throw new Error(JSON.stringify(rollout));
        return rollout;
      },
      patienceMs,
    );
  }

  /** Waits until the Rollout stands at a pause. */
  untilPaused(step?: number): Promise<Rollout> {
    return this.untilRollout(
      'at a pause',
      ({ status }) =>
        (status?.pauseConditions ?? []).length > 0 &&
        (step === undefined || status?.currentStepIndex === step),
    );
  }

  /** What somebody else does who holds kubectl: a merge patch. */
  async patch(body: object): Promise<void> {
    await this.cluster
      .makeApiClient(CustomObjectsApi)
      .patchNamespacedCustomObject(
        { ...this.#address, body },
        setHeaderOptions('Content-Type', PatchStrategy.MergePatch),
      );
  }

  /** Names the version that a Service selects. */
  async selected(service: string): Promise<string | undefined> {
    const { namespace } = this.#service;
    const { spec } = await this.cluster
      .makeApiClient(CoreV1Api)
      .readNamespacedService({ namespace, name: service });
    return spec?.selector?.['rollouts-pod-template-hash'];
  }

  /** Pods of each version that are there, by the name of the version. */
  async pods(): Promise<Readonly<Record<string, number>>> {
    const { namespace, name } = this.#service;
    const { items } = await this.cluster
      .makeApiClient(CoreV1Api)
      .listNamespacedPod({
        namespace,
        labelSelector: `app.kubernetes.io/name=${name}`,
      });
    const counts: Record<string, number> = {};
    for (const { metadata } of items) {
      const hash = metadata?.labels?.['rollouts-pod-template-hash'] ?? 'none';
      if (!metadata?.deletionTimestamp) counts[hash] = (counts[hash] ?? 0) + 1;
    }
    return counts;
  }

  /** Waits until the panel says why the pause is not left. */
  untilAnswered(promotion: string, code: string): Promise<CanaryView> {
    return until(`${code} to be the answer at the pause`, async () => {
      const view = await this.view(promotion);
      const question = view.targets[0]?.question;
      if (question?.code !== code) throw new Error(JSON.stringify(view));
      return view;
    });
  }

  /** What the portal told the engine, in order, with what came of it. */
  async orders(promotion: string): Promise<readonly string[]> {
    const { events } = await this.delivery.promotion(promotion);
    return events
      .filter(({ type }) => type === 'canaryOrdered')
      .map(({ text }) => text);
  }

  /** Waits until the portal itself has put Git back, and the cluster follows. */
  async untilBack(): Promise<{ phase: string; version: string }> {
    return until('Git to be back', async () => {
      const { last } = await this.delivery.stage(watchedStage);
      if (last?.kind !== 'rollback' || last.phase !== 'succeeded')
        throw new Error(JSON.stringify(last));
      return { phase: last.phase, version: last.release.version };
    });
  }

  get #address() {
    const { namespace, name } = this.#service;
    return {
      group: 'argoproj.io',
      version: 'v1alpha1',
      plural: 'rollouts',
      namespace,
      name,
    };
  }
}
