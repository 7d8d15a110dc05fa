// SPDX-License-Identifier: Apache-2.0
import { dumpYaml, loadYaml } from '@kubernetes/client-node';
import type { Surroundings } from '../surroundings/Surroundings';
import { ClusterOperator } from './ClusterOperator';
import { GitWorkingCopy } from './GitWorkingCopy';
import { watchedStage } from './PromotedService';

/** What a story changes of a pipeline document. */
interface PipelineDocument {
  readonly stages: readonly {
    readonly name: string;
    readonly gates?: unknown;
  }[];
}

const ines = { name: 'Ines Duarte', login: 'ines' };

/** Lets new versions of a service into production without gates, in the way that a story is about. */
export async function writePipeline(
  { forge, forgePassword }: Surroundings,
  service: string,
  strategy: Readonly<Record<string, unknown>>,
): Promise<void> {
  const copy = await GitWorkingCopy.clone(forge, service, {
    ...ines,
    password: forgePassword,
  });
  const document: PipelineDocument = loadYaml(await copy.read('delivery.yaml'));
  const stages = document.stages.map(({ gates, ...stage }) =>
    stage.name === watchedStage
      ? { ...stage, strategy }
      : { ...stage, ...(gates !== undefined && { gates }) },
  );
  await copy.push(
    'delivery.yaml',
    dumpYaml({ ...document, stages }),
    'Let new versions in as the story needs it',
  );
  await copy.remove();
}

/** Changes the fleet repository past the portal; the cluster of the stage looks at once. */
export async function writeFleet(
  surroundings: Surroundings,
  filesOf: (fleet: GitWorkingCopy) => Promise<Readonly<Record<string, string>>>,
  message: string,
): Promise<void> {
  const { forge, forgePassword } = surroundings;
  const fleet = await GitWorkingCopy.clone(forge, 'fleet', {
    ...ines,
    password: forgePassword,
  });
  await fleet.pushAll(await filesOf(fleet), message);
  await fleet.remove();
  await new ClusterOperator(surroundings.cluster(watchedStage)).fetchNow();
}
