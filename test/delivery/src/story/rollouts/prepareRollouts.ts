// SPDX-License-Identifier: Apache-2.0
import { dumpYaml, loadYaml } from '@kubernetes/client-node';
import type { Surroundings } from '../../surroundings/Surroundings';
import type { GitWorkingCopy } from '../GitWorkingCopy';
import { watchedStage } from '../PromotedService';
import { writeFleet, writePipeline } from '../prepareService';
import { rolloutServices, type RolloutService } from './rolloutServices';

/** What this file changes of an overlay. */
interface Overlay {
  readonly resources: readonly string[];
  readonly patches?: readonly unknown[];
}

/** Else Flux takes the pod hash, which Argo Rollouts adds to the selector, out again. */
const handsOff = { 'kustomize.toolkit.fluxcd.io/ssa': 'IfNotPresent' };

/**
 * Writes into the repositories what the story needs, before a portal looks at them: documents whose
 * stage needs no approval, and for each service a Rollout that takes its pod template from the
 * Deployment, which is scaled to nothing.
 */
export async function prepareRollouts(
  surroundings: Surroundings,
): Promise<void> {
  const services: readonly RolloutService[] = Object.values(rolloutServices);
  await Promise.all(
    services.map(({ name, canary }) =>
      writePipeline(surroundings, name, { canary }),
    ),
  );
  await writeFleet(
    surroundings,
    async fleet => {
      const changes = services.map(each => filesOf(fleet, each));
      return Object.assign({}, ...(await Promise.all(changes)));
    },
    'Let Argo Rollouts bring new versions in',
  );
}

async function filesOf(
  fleet: GitWorkingCopy,
  { name, namespace, strategy }: RolloutService,
): Promise<Readonly<Record<string, string>>> {
  const folder = `services/${name}/overlays/${watchedStage}`;
  const path = `${folder}/kustomization.yaml`;
  const overlay: Overlay = loadYaml(await fleet.read(path));
  const labels = { 'app.kubernetes.io/name': name };
  const rollout = {
    apiVersion: 'argoproj.io/v1alpha1',
    kind: 'Rollout',
    metadata: { name, namespace },
    spec: {
      replicas: 4,
      selector: { matchLabels: labels },
      workloadRef: { apiVersion: 'apps/v1', kind: 'Deployment', name },
      strategy,
    },
  };
  const preview = {
    apiVersion: 'v1',
    kind: 'Service',
    metadata: { name: `${name}-preview`, namespace, annotations: handsOff },
    spec: { selector: labels, ports: [{ port: 80, targetPort: 'http' }] },
  };
  return {
    [`${folder}/rollout.yaml`]: [rollout, preview]
      .map(object => dumpYaml(object))
      .join('---\n'),
    [path]: dumpYaml({
      ...overlay,
      resources: [...overlay.resources, 'rollout.yaml'],
      patches: [
        ...(overlay.patches ?? []),
        {
          target: { kind: 'Deployment', name },
          patch: '- { op: add, path: /spec/replicas, value: 0 }\n',
        },
        {
          target: { kind: 'Service', name: `^${name}$` },
          patch: dumpYaml([
            { op: 'add', path: '/metadata/annotations', value: handsOff },
          ]),
        },
      ],
    }),
  };
}
