// SPDX-License-Identifier: Apache-2.0
import type { OwnerReference, StringMap } from '../runtime/resources';
import type { Deployment, PodTemplate } from '../workloads/workloads';
import { Canary, canaries } from './flaggerObjects';

/** Labels by which a target may select its pods, the first that is there counts. */
const selectorLabels = ['app', 'name', 'app.kubernetes.io/name'];

/** The label that tells the pods of a target from those of its primary. */
export interface SelectorLabel {
  readonly label: string;
  readonly value: string;
}

/** @throws Error when the target selects by none of the known labels */
export function selectorLabelOf({ metadata, spec }: Deployment): SelectorLabel {
  const labels = spec.selector.matchLabels ?? {};
  const label = selectorLabels.find(each => labels[each] !== undefined);
  if (label === undefined) {
    throw new Error(
      `deployment ${metadata.name}.${
        metadata.namespace
      } spec.selector.matchLabels must contain one of [${selectorLabels.join(
        ' ',
      )}]`,
    );
  }
  return { label, value: labels[label] };
}

/** What a canary owns refers to it. */
export function ownedBy({ metadata }: Canary): OwnerReference {
  return {
    apiVersion: canaries.apiVersion,
    kind: canaries.kind,
    name: metadata.name,
    uid: metadata.uid,
    controller: true,
    blockOwnerDeletion: true,
  };
}

/** The deployment that serves users, made from the target at first. */
export function primaryOf(canary: Canary, target: Deployment): object {
  const { label, value } = selectorLabelOf(target);
  return {
    metadata: {
      name: `${target.metadata.name}-primary`,
      namespace: target.metadata.namespace,
      labels: relabel(target.metadata.labels, label, value),
      ownerReferences: [ownedBy(canary)],
    },
    spec: {
      ...rolloutOf(target),
      replicas: target.spec.replicas || 1,
      selector: { matchLabels: { [label]: `${value}-primary` } },
      template: templateOf(target),
    },
  };
}

/** The JSON patch that gives the primary what the target has now. */
export function promotionOf(target: Deployment): readonly object[] {
  const fields = {
    ...rolloutOf(target),
    replicas: target.spec.replicas,
    template: templateOf(target),
  };
  return Object.entries(fields).flatMap(([field, value]) =>
    // `add` replaces what is there.
    value === undefined ? [] : [{ op: 'add', path: `/spec/${field}`, value }],
  );
}

function rolloutOf({ spec }: Deployment): object {
  const { progressDeadlineSeconds, minReadySeconds, revisionHistoryLimit } =
    spec;
  return {
    progressDeadlineSeconds,
    minReadySeconds,
    revisionHistoryLimit,
    strategy: spec.strategy,
  };
}

function templateOf(target: Deployment): PodTemplate {
  const { template } = target.spec;
  const { label, value } = selectorLabelOf(target);
  return {
    ...template,
    metadata: {
      ...template.metadata,
      labels: relabel(template.metadata?.labels, label, value),
    },
  };
}

function relabel(
  labels: StringMap | undefined,
  label: string,
  value: string,
): StringMap {
  return { ...labels, [label]: `${value}-primary` };
}

/** A service of a canary. `pods` is the value of the label it selects by. */
export function serviceOf(
  canary: Canary,
  name: string,
  { label, pods }: { readonly label: string; readonly pods: string },
): { readonly metadata: object; readonly spec: object } {
  const { port, portName = 'http', targetPort = port } = canary.spec.service;
  return {
    metadata: {
      name,
      namespace: canary.metadata.namespace,
      labels: { [label]: name },
      ownerReferences: [ownedBy(canary)],
    },
    spec: {
      type: 'ClusterIP',
      selector: { [label]: pods },
      ports: [{ name: portName, protocol: 'TCP', port, targetPort }],
    },
  };
}
