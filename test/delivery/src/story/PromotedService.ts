// SPDX-License-Identifier: Apache-2.0
import type {
  CanaryView,
  SteeringAction,
} from '@causeway/plugin-delivery-common';
import type { KubeConfig } from '@kubernetes/client-node';
import { kubeConfigOf } from '../surroundings/kubeConfigOf';
import type { Surroundings } from '../surroundings/Surroundings';
import type { TestPortal } from '../surroundings/TestPortal';
import { DeliveryClient, must } from './DeliveryClient';
import { GitWorkingCopy } from './GitWorkingCopy';

/** The stage in which the stories' new versions do not come in all at once. */
export const watchedStage = 'cloud-production';

/** A service of a story. */
export interface ServiceOfStory {
  readonly name: string;
  readonly namespace: string;
  /** A person who may promote it. */
  readonly developer: string;
}

/** A service whose new versions are tried in production: what people do by the HTTP API and in Git. */
export class PromotedService {
  readonly delivery: DeliveryClient;
  /** The cluster of the stage, for looks past the portal. */
  protected readonly cluster: KubeConfig;
  readonly #portal: TestPortal;
  readonly #surroundings: Surroundings;
  readonly #service: ServiceOfStory;

  constructor(
    portal: TestPortal,
    surroundings: Surroundings,
    service: ServiceOfStory,
  ) {
    this.delivery = new DeliveryClient(portal, service.name);
    this.cluster = kubeConfigOf(surroundings.cluster(watchedStage));
    this.#portal = portal;
    this.#surroundings = surroundings;
    this.#service = service;
  }

  /** Pushes a change and promotes what CI makes of it. Returns the promotion's id. */
  async promoteNew(file: string, content: string): Promise<string> {
    const { forge, forgePassword } = this.#surroundings;
    const copy = await GitWorkingCopy.clone(forge, this.#service.name, {
      name: 'Mia Lindqvist',
      login: 'mia',
      password: forgePassword,
    });
    const commit = await copy.push(file, content, `Change ${file}`);
    await copy.remove();
    const release = await this.delivery.untilReleased(commit);
    await this.delivery.untilRuns('cloud-staging', release.version);
    const { id } = must(
      202,
      await this.delivery.request(this.#service.developer, {
        stage: watchedStage,
        release: release.id,
        reason: 'Into production',
      }),
    );
    return id;
  }

  async view(promotion: string): Promise<CanaryView> {
    const path = `/delivery/promotions/${promotion}/canary`;
    return must(200, await this.#portal.call<CanaryView>('mia', 'GET', path));
  }

  async steer(
    user: string,
    promotion: string,
    action: SteeringAction,
    reason: string,
  ): Promise<void> {
    const path = `/delivery/promotions/${promotion}/canary`;
    const wish = { action, reason };
    must(202, await this.#portal.call(user, 'POST', path, wish));
  }
}
