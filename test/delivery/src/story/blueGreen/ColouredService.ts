// SPDX-License-Identifier: Apache-2.0
import type { PromotionView } from '@causeway/plugin-delivery-common';
import { AppsV1Api, BatchV1Api, CoreV1Api } from '@kubernetes/client-node';
import type { Surroundings } from '../../surroundings/Surroundings';
import type { TestPortal } from '../../surroundings/TestPortal';
import { until } from '../../surroundings/until';
import { PromotedService, type ServiceOfStory } from '../PromotedService';

/** The service of the demo that has two colours in production. */
export const colouredService: ServiceOfStory = {
  name: 'arrival-times',
  namespace: 'tracking',
  developer: 'nils',
};

export type Colour = 'blue' | 'green';

/** A service with two colours, with what the cluster itself shows. */
export class ColouredService extends PromotedService {
  readonly #service: ServiceOfStory;

  constructor(
    portal: TestPortal,
    surroundings: Surroundings,
    service: ServiceOfStory,
  ) {
    super(portal, surroundings, service);
    this.#service = service;
  }

  /** The colour that the Service in the cluster selects. */
  async live(): Promise<Colour> {
    const { namespace, name } = this.#service;
    const { spec } = await this.cluster
      .makeApiClient(CoreV1Api)
      .readNamespacedService({ namespace, name });
    return spec?.selector?.['causeway.dev/colour'] === 'green'
      ? 'green'
      : 'blue';
  }

  async untilLive(colour: Colour): Promise<void> {
    await until(
      `${colour} to serve`,
      async () => (await this.live()) === colour || undefined,
    );
  }

  /** Ready pods of a colour. */
  async ready(colour: Colour): Promise<number> {
    const { namespace, name } = this.#service;
    const { status } = await this.cluster
      .makeApiClient(AppsV1Api)
      .readNamespacedDeployment({ namespace, name: `${name}-${colour}` });
    return status?.readyReplicas ?? 0;
  }

  /** How the smoke test of a promotion ended in the cluster. */
  async smokeTest(promotion: string): Promise<string | undefined> {
    const { namespace, name } = this.#service;
    const { items } = await this.cluster
      .makeApiClient(BatchV1Api)
      .listNamespacedJob({ namespace });
    const id = promotion
      .toLowerCase()
      .replace(/[^a-z0-9]/g, '')
      .slice(0, 12);
    const job = items.find(({ metadata }) =>
      metadata?.name?.startsWith(`${name}-smoke-${id}`),
    );
    return job?.status?.conditions?.find(
      ({ type, status }) =>
        status === 'True' && (type === 'Complete' || type === 'Failed'),
    )?.type;
  }

  /** Kinds of the commits that a promotion has written, in order. */
  async commitsOf(promotion: string): Promise<readonly string[]> {
    const { events } = await this.delivery.promotion(promotion);
    const written = [
      'committed',
      'coloursSwitched',
      'coloursSwitchedBack',
      'colourRetired',
    ];
    return events
      .map(({ type }) => type)
      .filter(type => written.includes(type));
  }

  /** Waits until the promotion has taken away the pods that nobody needs. */
  untilRetired(promotion: string): Promise<readonly string[]> {
    return until('the unused colour to be retired', async () => {
      const commits = await this.commitsOf(promotion);
      return commits.includes('colourRetired') ? commits : undefined;
    });
  }

  /** Waits until the promotion is watched after its switch. */
  untilWatched(promotion: string): Promise<PromotionView> {
    return until('the new colour to be watched', async () => {
      const { promotion: seen, events } = await this.delivery.promotion(
        promotion,
      );
      return events.some(({ type }) => type === 'colourServing')
        ? seen
        : undefined;
    });
  }
}
