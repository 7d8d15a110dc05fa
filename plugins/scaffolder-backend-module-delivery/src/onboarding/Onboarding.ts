// SPDX-License-Identifier: Apache-2.0
import type { Pipeline, Stage, Target } from '@causeway/plugin-delivery-common';

/** Text files of a repository by their paths. */
export type Files = ReadonlyMap<string, string>;

/** A service that is to be deployed from the fleet repository. */
export interface Onboarding {
  /** DNS label; names the service's folder, its Flux Kustomizations and its workloads. */
  readonly service: string;
  /** The road of its releases: which clusters, in which folders, under which names. */
  readonly pipeline: Pipeline;
  /** Text of the pipeline document, where it is to be kept in the fleet repository. */
  readonly document?: string;
  /** Port on which the container answers. */
  readonly port: number;
  /** `base/…` and `overlays/…` as the service wants them; made here where left out. */
  readonly manifests?: Files;
  /** What runs at the beginning. */
  readonly release?: { readonly tag: string; readonly digest: string };
}

/** One place that the service goes to. */
export interface Place {
  readonly stage: Stage;
  readonly target: Target;
  /** Kind of device, where a stage tells them apart. */
  readonly variant?: string;
}

export interface FileChange {
  readonly path: string;
  readonly content: string;
}

/** Something in the fleet repository that the onboarding must not decide about. */
export interface Conflict {
  readonly path: string;
  /** What is wrong and what would be right. */
  readonly reason: string;
  /** Lines that stand there, and those that would be needed. */
  readonly diff?: string;
}

export type OnboardingPlan =
  | {
      readonly kind: 'planned';
      /** Empty: everything is there already. By path. */
      readonly changes: readonly FileChange[];
      /** What people changed and what is therefore left as it is. */
      readonly kept: readonly string[];
      /** What is still missing and what brings it about. */
      readonly notes: readonly string[];
    }
  | { readonly kind: 'refused'; readonly conflicts: readonly Conflict[] };

/** What one part of the onboarding has to say. */
export interface Step {
  readonly writes?: readonly FileChange[];
  readonly kept?: readonly string[];
  readonly notes?: readonly string[];
  readonly conflicts?: readonly Conflict[];
}

/** The folder of a service. */
export function serviceFolder(service: string): string {
  return `services/${service}`;
}

/** All places of a pipeline, in its order. */
export function placesOf({
  service,
  pipeline,
}: Pick<Onboarding, 'service' | 'pipeline'>): readonly Place[] {
  return pipeline.stages.flatMap(stage =>
    stage.targets.map(target => {
      const last = target.path.split('/').at(-1) ?? '';
      return target.workload.name === `${service}-${last}`
        ? { stage, target, variant: last }
        : { stage, target };
    }),
  );
}
