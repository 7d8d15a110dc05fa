// SPDX-License-Identifier: Apache-2.0
import { dumpYaml, loadYaml } from '@kubernetes/client-node';
import type { Surroundings } from '../../surroundings/Surroundings';
import type { GitWorkingCopy } from '../GitWorkingCopy';
import { watchedStage } from '../PromotedService';
import { writeFleet, writePipeline } from '../prepareService';
import { canaryServices, type CanaryService } from './canaryServices';

const model = canaryServices.judged;

/**
 * Writes into the repositories what the story needs, before a portal looks at them: documents whose
 * canaries are quick and need no approval, and a Canary for each service beside the one of the demo.
 */
export async function prepareCanaries(
  surroundings: Surroundings,
): Promise<void> {
  const services: readonly CanaryService[] = Object.values(canaryServices);
  await Promise.all(
    services.map(({ name, canary }) =>
      writePipeline(surroundings, name, { canary }),
    ),
  );
  const others = services.filter(({ name }) => name !== model.name);
  await writeFleet(
    surroundings,
    async fleet => {
      const changes = others.map(each => asModel(fleet, each));
      return Object.assign({}, ...(await Promise.all(changes)));
    },
    'Let new versions of all services in step by step',
  );
}

/** The files of a service as they are when it has a canary like that of the demo. */
async function asModel(
  fleet: GitWorkingCopy,
  { name, namespace }: CanaryService,
): Promise<Readonly<Record<string, string>>> {
  const folderOf = (service: string) =>
    `services/${service}/overlays/${watchedStage}`;
  const overlay = (service: string) =>
    `${folderOf(service)}/kustomization.yaml`;
  const flux = (service: string) => `clusters/${watchedStage}/${service}.yaml`;
  const read = async (path: string): Promise<Record<string, unknown>> =>
    loadYaml(await fleet.read(path));
  const { resources, patches } = await read(overlay(model.name));
  const { spec: modelSpec } = await read(flux(model.name));
  const { postBuild } = modelSpec as { readonly postBuild: unknown };
  const kustomization = await read(flux(name));
  const canary = await fleet.read(`${folderOf(model.name)}/canary.yaml`);
  return {
    [`${folderOf(name)}/canary.yaml`]: canary
      .replaceAll(model.name, name)
      .replace(`namespace: ${model.namespace}`, `namespace: ${namespace}`),
    [overlay(name)]: dumpYaml({
      ...(await read(overlay(name))),
      resources,
      patches,
    }),
    [flux(name)]: dumpYaml({
      ...kustomization,
      spec: { ...(kustomization.spec as object), postBuild },
    }),
  };
}
