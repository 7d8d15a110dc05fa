// SPDX-License-Identifier: Apache-2.0
import { readFile } from 'node:fs/promises';
import { Agent, request } from 'node:https';
import { createKustomize } from '@causeway/kustomize';
import { startCluster, type Cluster } from '@causeway/test-cluster';
import { build, overlaysOf, type Manifest } from '../checks/manifests';
import type { Rendered } from '../ScaffolderUnderTest';

/** Kinds of other projects, whose definitions are in no Go module that is here. */
const foreign = ['ServiceMonitor', 'PrometheusRule', 'ExternalSecret'];

const plurals: Readonly<Record<string, string>> = {
  NetworkPolicy: 'networkpolicies',
  Canary: 'canaries',
};
const namespaces = ['sorting', 'tracking', 'transport'];

type Applicable = Manifest & { readonly apiVersion: string };

interface Applied {
  readonly status: number;
  readonly body: string;
  readonly warning?: string;
}

/** An API server that is asked whether it would take objects. */
class StrictCluster {
  private constructor(
    private readonly cluster: Cluster,
    private readonly agent: Agent,
  ) {}

  static async start(): Promise<StrictCluster> {
    const cluster = await startCluster({
      name: 'templates',
      flagger: { metricsServer: 'http://127.0.0.1:9', controller: false },
    });
    const ca = await readFile(cluster.caFile);
    const agent = new Agent({ ca, keepAlive: true, maxSockets: 8 });
    const strict = new StrictCluster(cluster, agent);
    for (const name of namespaces)
      await strict.#post('/api/v1/namespaces', {
        apiVersion: 'v1',
        kind: 'Namespace',
        metadata: {
          name,
          labels: {
            'pod-security.kubernetes.io/enforce': 'restricted',
            'pod-security.kubernetes.io/warn': 'restricted',
          },
        },
      });
    return strict;
  }

  /** Fields that it does not know are refused. */
  dryRun(object: Applicable): Promise<Applied> {
    const plural = plurals[object.kind] ?? `${object.kind.toLowerCase()}s`;
    const group = object.apiVersion.includes('/') ? 'apis' : 'api';
    const place = object.metadata.namespace
      ? `/namespaces/${object.metadata.namespace}`
      : '';
    return this.#post(
      `/${group}/${object.apiVersion}${place}/${plural}?dryRun=All&fieldValidation=Strict`,
      object,
    );
  }

  async stop(): Promise<void> {
    this.agent.destroy();
    await this.cluster.stop();
  }

  #post(path: string, body: unknown): Promise<Applied> {
    return new Promise((resolve, reject) => {
      const asked = request(
        `${this.cluster.url}${path}`,
        {
          method: 'POST',
          agent: this.agent,
          headers: {
            authorization: `Bearer ${this.cluster.token}`,
            'content-type': 'application/json',
          },
        },
        response => {
          const parts: Buffer[] = [];
          response.on('data', (part: Buffer) => parts.push(part));
          response.on('end', () =>
            resolve({
              status: response.statusCode ?? 0,
              body: Buffer.concat(parts).toString(),
              warning: [response.headers.warning ?? []].flat().join(),
            }),
          );
        },
      );
      asked.on('error', reject);
      asked.end(JSON.stringify(body));
    });
  }
}

/** Registers what a real API server is asked of every service that was rendered, by case. */
export function applied(rendered: ReadonlyMap<string, Rendered>): void {
  // The first one begins beside everything else, on machines that may be slow.
  const kustomize = createKustomize({ timeoutMs: 600_000 });
  let cluster: StrictCluster;

  beforeAll(async () => {
    cluster = await StrictCluster.start();
  });

  afterAll(async () => {
    await cluster?.stop();
    await kustomize.dispose();
  });

  /** Builds a folder and asks about every object in it. */
  async function answers(files: ReadonlyMap<string, string>, folder: string) {
    const objects = (await build(kustomize, files, folder)) as Applicable[];
    return Promise.all(
      objects.map(async object => ({
        kind: object.kind,
        answer: foreign.includes(object.kind)
          ? undefined
          : await cluster.dryRun(object),
      })),
    );
  }

  test('the API server takes every object of every overlay, and warns of nothing', async () => {
    const problems: string[] = [];
    let asked = 0;
    const look = async (
      name: string,
      files: ReadonlyMap<string, string>,
      overlay: string,
    ) => {
      for (const { kind, answer } of await answers(files, overlay)) {
        if (!answer) continue;
        asked++;
        const { status, body, warning } = answer;
        const isThere = kind === 'Namespace' && status === 409;
        if ((status !== 201 && !isThere) || warning)
          problems.push(`${name} ${overlay} ${kind}: ${warning} ${body}`);
      }
    };
    // The next overlay is built while the API server is asked about the last one.
    await Promise.all(
      [...rendered].flatMap(([name, { files }]) =>
        overlaysOf(files).map(overlay => look(name, files, overlay)),
      ),
    );
    expect(problems).toEqual([]);
    expect(asked).toBeGreaterThan(100);
  });

  test('the API server takes canaries, and production with them', async () => {
    const problems: string[] = [];
    let canaries = 0;
    const look = async (name: string, { files }: Rendered) => {
      const folder = 'deploy/overlays/cloud-production';
      const path = `${folder}/kustomization.yaml`;
      const text = files.get(path);
      if (!files.has(`${folder}/canary/kustomization.yaml`) || !text) return;
      const withCanary = new Map(files).set(
        path,
        text.replace('components:\n', 'components:\n  - canary\n'),
      );
      for (const { kind, answer } of await answers(withCanary, folder)) {
        if (kind === 'Canary') canaries++;
        if (kind === 'Service') problems.push(`${name} has a Service`);
        if (answer && answer.status !== 201)
          problems.push(`${name} ${kind}: ${answer.body}`);
      }
    };
    await Promise.all([...rendered].map(([name, each]) => look(name, each)));
    expect(problems).toEqual([]);
    expect(canaries).toBeGreaterThan(0);
  });
}
