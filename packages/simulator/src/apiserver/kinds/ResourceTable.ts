// SPDX-License-Identifier: Apache-2.0
import { accessRuleKinds } from './accessRules';
import { coreKinds } from './core';
import { definitionKind, servedTypes } from './customResources';
import { eventKinds } from './events';
import { podKind } from './pods';
import { policyKinds } from './policies';
import { apiVersionOf } from './ResourceType';
import type { ResourceType } from './ResourceType';
import { reviewKinds } from './reviews';
import { workloadKinds } from './workloads';
import type { KubeObject } from '../objects';

const builtIn: readonly ResourceType[] = [
  podKind,
  ...coreKinds,
  ...eventKinds,
  ...workloadKinds,
  ...policyKinds,
  ...accessRuleKinds,
  ...reviewKinds,
  definitionKind,
];

/** The kinds a server serves now: the built-in ones and those of its CRDs. */
export class ResourceTable {
  #types = new Map<string, ResourceType>();
  readonly #custom = new Map<string, readonly ResourceType[]>();

  constructor() {
    this.#rebuild();
  }

  /** The kind behind `apps/v1` and `deployments`. */
  find(apiVersion: string, plural: string): ResourceType | undefined {
    return this.#types.get(`${apiVersion}/${plural}`);
  }

  /** The kind of an object reference: `apps/v1` and `Deployment`. */
  ofKind(apiVersion: string, kind: string): ResourceType | undefined {
    return this.all().find(
      type => type.kind === kind && apiVersionOf(type) === apiVersion,
    );
  }

  all(): ResourceType[] {
    return [...this.#types.values()];
  }

  /** Serves what a CustomResourceDefinition describes, from now on. */
  define(definition: KubeObject): void {
    this.#custom.set(definition.metadata.name ?? '', servedTypes(definition));
    this.#rebuild();
  }

  /** Stops serving it. */
  undefine(name: string): void {
    this.#custom.delete(name);
    this.#rebuild();
  }

  #rebuild(): void {
    const all = [...builtIn, ...[...this.#custom.values()].flat()];
    this.#types = new Map(
      all.map(type => [`${apiVersionOf(type)}/${type.plural}`, type]),
    );
  }
}
