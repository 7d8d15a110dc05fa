// SPDX-License-Identifier: Apache-2.0
import type { PromotionDetail } from '@causeway/plugin-delivery-common';
import { DeliveryClient } from '../story/DeliveryClient';
import { GitWorkingCopy } from '../story/GitWorkingCopy';
import type { Surroundings } from '../surroundings/Surroundings';
import type { TestPortal } from '../surroundings/TestPortal';
import { rolloutsOf, type Rollouts } from './rollouts';

const STAGE = 'cloud-staging';

/** The demo's services and their namespaces. New versions of each come into staging by themselves, all at once. */
export const servicesOfStaging = [
  { name: 'parcel-vision', namespace: 'sorting' },
  { name: 'belt-control', namespace: 'sorting' },
  { name: 'label-api', namespace: 'sorting' },
  { name: 'tracking-web', namespace: 'tracking' },
  { name: 'arrival-times', namespace: 'tracking' },
] as const;

type ServiceOfStaging = (typeof servicesOfStaging)[number];

/** A service that is deployed to staging whenever somebody pushes. */
export class DeployedService {
  readonly delivery: DeliveryClient;
  readonly #surroundings: Surroundings;
  readonly #service: ServiceOfStaging;

  constructor(
    portal: TestPortal,
    surroundings: Surroundings,
    service: ServiceOfStaging,
  ) {
    this.delivery = new DeliveryClient(portal, service.name);
    this.#surroundings = surroundings;
    this.#service = service;
  }

  /** The folder of the fleet repository that its promotions to staging change. */
  get overlay(): string {
    return `services/${this.#service.name}/overlays/${STAGE}`;
  }

  rollouts(): Promise<Rollouts> {
    return rolloutsOf(this.#surroundings.cluster(STAGE), this.#service);
  }

  /** Pushes a change that names the moment at which the portal is to die. Returns the commit. */
  async push(moment: string): Promise<string> {
    const { forge, forgePassword } = this.#surroundings;
    const source = await GitWorkingCopy.clone(forge, this.#service.name, {
      name: 'Mia Lindqvist',
      login: 'mia',
      password: forgePassword,
    });
    const commit = await source.push(
      'moments.txt',
      `${moment}\n`,
      `Keep going, killed ${moment}`,
    );
    await source.remove();
    return commit;
  }

  /** Waits until what CI made of a commit runs in staging, and says how it came there. */
  async untilDeployed(commit: string): Promise<
    PromotionDetail & {
      readonly release: { readonly id: string; readonly version: string };
    }
  > {
    const release = await this.delivery.untilReleased(commit);
    await this.delivery.untilRuns(STAGE, release.version);
    const { last } = await this.delivery.stage(STAGE);
    return { release, ...(await this.delivery.promotion(last?.id ?? '')) };
  }
}
