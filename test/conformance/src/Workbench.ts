// SPDX-License-Identifier: Apache-2.0
import type { ApiClient, Document } from './ApiClient';
import { eventually } from './eventually';

/** A pod, as far as the suites of controllers look. */
export interface PodDocument extends Document {
  readonly spec: {
    readonly nodeName?: string;
    readonly containers: readonly { readonly image: string }[];
    readonly tolerations?: readonly unknown[];
    readonly affinity?: unknown;
  };
  readonly status: {
    readonly phase?: string;
    readonly conditions?: readonly ConditionDocument[];
  };
}

export interface ConditionDocument {
  readonly type: string;
  readonly status: string;
  readonly reason?: string;
  readonly message?: string;
}

/** The parts of conditions that do not depend on the run. */
export function meaning(
  conditions: readonly ConditionDocument[] = [],
): readonly ConditionDocument[] {
  return conditions.map(({ type, status, reason, message }) => ({
    type,
    status,
    reason,
    message,
  }));
}

/** A namespace with workloads, and what is asked of them. */
export class Workbench {
  private constructor(readonly api: ApiClient, readonly namespace: string) {}

  static async in(api: ApiClient): Promise<Workbench> {
    return new Workbench(api, await api.newNamespace());
  }

  /** The address of a kind of the namespace, or of one object. */
  path(kind: string, name?: string): string {
    const groups: Readonly<Record<string, string>> = {
      pods: 'api/v1',
      jobs: 'apis/batch/v1',
      poddisruptionbudgets: 'apis/policy/v1',
    };
    const group = groups[kind] ?? 'apis/apps/v1';
    const address = `/${group}/namespaces/${this.namespace}/${kind}`;
    return name ? `${address}/${name}` : address;
  }

  async create(kind: string, object: object): Promise<Document> {
    const { code, body, text } = await this.api.post(this.path(kind), object);
    if (code !== 201) throw new Error(`${kind} was refused: ${text}`);
    return body;
  }

  async patch(kind: string, name: string, change: object): Promise<Document> {
    const path = this.path(kind, name);
    const { code, body, text } = await this.api.patch(
      path,
      'strategic',
      change,
    );
    if (code !== 200) throw new Error(`${path} was not changed: ${text}`);
    return body;
  }

  /** Changes the image of a workload's pods. */
  setImage(kind: string, name: string, tag: string): Promise<Document> {
    const containers = [{ name: 'main', image: `registry.example/app:${tag}` }];
    return this.patch(kind, name, {
      spec: { template: { spec: { containers } } },
    });
  }

  /** The status of a workload when it is as wanted, for its present spec. */
  async status<T extends object>(
    kind: string,
    name: string,
    isRight: (status: Partial<T>) => boolean,
  ): Promise<T> {
    const { body } = await eventually(
      () => this.api.get(this.path(kind, name)),
      ({ code, body: { metadata, status } }) => {
        const { observedGeneration } = (status ?? {}) as {
          observedGeneration?: number;
        };
        const isCurrent =
          observedGeneration === undefined
            ? kind === 'jobs'
            : observedGeneration === metadata.generation;
        return code === 200 && isCurrent && isRight(status as Partial<T>);
      },
    );
    return body.status as T;
  }

  async pods(app: string): Promise<readonly PodDocument[]> {
    const query = `?labelSelector=app%3D${app}`;
    const { body } = await this.api.get(`${this.path('pods')}${query}`);
    return (body.items ?? []) as readonly PodDocument[];
  }

  /** Ends everything in the namespace, so that no later test meets it. */
  async remove(): Promise<void> {
    await this.api.delete(`/api/v1/namespaces/${this.namespace}`);
  }
}
