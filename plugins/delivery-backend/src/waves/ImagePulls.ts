// SPDX-License-Identifier: Apache-2.0
import type { LoggerService } from '@backstage/backend-plugin-api';
import {
  PORTAL_ACTOR,
  type Promotion,
  type Target,
} from '@causeway/plugin-delivery-common';
import { namespaced } from '../clusters/namespaced';
import type { ObservedPull } from '../fleet/trimPulls';
import type { StageDevice } from './observeDevices';
import { pullManifest, pullTemplate, type PullTemplate } from './pullManifest';
import type { PullsToSettle, PullToMake } from './pullsToSettle';
import type { ActOn } from './replacePods';

/** So many are made or removed at one look; the others follow at the next. */
const mostAtOnce = 50;

/**
 * Has images brought to devices. Making one twice makes none, since it has its name, and removing one
 * twice removes none; what could not be done is done at the next look.
 */
export class ImagePulls {
  /** What clusters refused, by device, until they take it; another process is refused anew. */
  readonly #refused = new Map<string, string>();

  constructor(
    private readonly outside: {
      readonly actOn: ActOn;
      readonly logger: LoggerService;
    },
  ) {}

  /** A device to which nothing could be brought for want of rights shows it as a pull that failed. */
  withRefusals(
    devices: ReadonlyMap<string, StageDevice>,
  ): ReadonlyMap<string, StageDevice> {
    if (this.#refused.size === 0) return devices;
    return new Map(
      [...devices].map(([id, found]) => {
        const imageTrouble = this.#refused.get(id);
        return imageTrouble === undefined || found.device.image === 'present'
          ? [id, found]
          : [
              id,
              {
                ...found,
                device: { ...found.device, image: 'failed', imageTrouble },
              },
            ];
      }),
    );
  }

  /** Never throws: one that can not be made or removed keeps no other. */
  async settle(
    { make, remove }: PullsToSettle,
    promotion: Promotion,
    signal: AbortSignal,
  ): Promise<void> {
    const templates = new Map<Target, Promise<PullTemplate | undefined>>();
    const templateOf = (target: Target) => {
      const known =
        templates.get(target) ?? this.#readTemplate(target, promotion, signal);
      templates.set(target, known);
      return known;
    };
    for (const pull of make.slice(0, mostAtOnce)) {
      await this.#try(`The image for ${pull.device} was not asked for`, () =>
        this.#make(pull, promotion, templateOf, signal),
      );
    }
    for (const { cluster, pull } of remove.slice(0, mostAtOnce)) {
      await this.#try(`${pull.kind} ${pull.name} was not removed`, async () =>
        this.#actOn(cluster, signal)?.remove(pathOf(pull)),
      );
    }
  }

  async #make(
    pull: PullToMake,
    promotion: Promotion,
    templateOf: (target: Target) => Promise<PullTemplate | undefined>,
    signal: AbortSignal,
  ): Promise<void> {
    const { device, target } = pull;
    // Only what was just refused is shown; what is asked for again is looked at anew.
    this.#refused.delete(device);
    try {
      const template = await templateOf(target);
      if (!template) return;
      const { path, body } = pullManifest(pull, template, promotion.id);
      const made = await this.#actOn(target.cluster, signal)?.create(
        path,
        body,
      );
      if (made?.kind === 'missing')
        this.#refused.set(device, `${target.cluster} serves no ${path}`);
    } catch (error) {
      if (!(error instanceof Error) || error.name !== 'NotAllowedError')
        throw error;
      this.#refused.set(device, error.message.replace(/\.$/, ''));
    }
  }

  async #readTemplate(
    { cluster, workload }: Target,
    promotion: Promotion,
    signal: AbortSignal,
  ): Promise<PullTemplate | undefined> {
    const path = namespaced('/apis/apps/v1/daemonsets', workload);
    const daemonSet = await this.#actOn(cluster, signal)?.get(path);
    return pullTemplate(daemonSet, promotion);
  }

  #actOn(cluster: string, signal: AbortSignal) {
    return this.outside.actOn(cluster, { actor: PORTAL_ACTOR }, signal);
  }

  async #try(problem: string, effect: () => Promise<void>): Promise<void> {
    try {
      await effect();
    } catch (error) {
      this.outside.logger.warn(`${problem}, trying again: ${error}`);
    }
  }
}

function pathOf({ kind, namespace, name }: ObservedPull): string {
  return kind === 'Pod'
    ? namespaced('/api/v1/pods', { namespace, name })
    : `/apis/operations.kubeedge.io/v1alpha2/imageprepulljobs/${encodeURIComponent(
        name,
      )}`;
}
