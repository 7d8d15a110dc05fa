// SPDX-License-Identifier: Apache-2.0
import {
  parseImage,
  type Pipeline,
  type WorkloadTest,
} from '@causeway/plugin-delivery-common';

/** The workloads of services at the edge, by the edge stages of their pipelines. */
export class ServiceWorkloads {
  readonly #keys: ReadonlySet<string>;
  readonly #images: ReadonlySet<string>;

  constructor(pipelines: readonly Pipeline[], services: readonly string[]) {
    const wanted = pipelines.filter(({ service }) =>
      services.includes(service),
    );
    this.#images = new Set(wanted.flatMap(({ images }) => images));
    this.#keys = new Set(
      wanted
        .flatMap(({ stages }) => stages)
        .filter(({ kind }) => kind === 'edge')
        .flatMap(({ targets }) => targets)
        .map(({ cluster, workload: { namespace, name } }) =>
          keyOf(cluster, `${namespace}/${name}`),
        ),
    );
  }

  readonly isOfService: WorkloadTest = (cluster, workload) =>
    this.#keys.has(keyOf(cluster, workload));

  /** Of the images of a pod, the one that the service builds. */
  ownImage(images: readonly string[]): string | undefined {
    const own = images.find(image => {
      const name = parseImage(image)?.name;
      return name !== undefined && this.#images.has(name);
    });
    return own ?? images[0];
  }
}

function keyOf(cluster: string, workload: string): string {
  return `${cluster} ${workload}`;
}
