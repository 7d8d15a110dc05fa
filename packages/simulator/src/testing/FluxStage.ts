// SPDX-License-Identifier: Apache-2.0
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { flaggerDefinitions } from '../controllers/flagger/flaggerDefinitions';
import {
  customResourceDefinitions,
  fluxDefinitions,
} from '../controllers/flux/fluxDefinitions';
import {
  gitRepositories,
  kustomizations,
  requestedAtAnnotation,
} from '../controllers/flux/fluxObjects';
import { RunningController } from '../controllers/runtime/Cluster';
import {
  conditionOf,
  KubernetesObject,
  ObjectName,
  Resource,
} from '../controllers/runtime/resources';
import { runControllers } from '../controllers/runControllers';
import { simulatedNodeLabel } from '../controllers/workloads/kubeletController';
import {
  deployments,
  namespaces,
  nodes,
} from '../controllers/workloads/workloads';
import type { Account } from '../forge/accounts';
import { RunningForge, startForge } from '../forge/startForge';
import { acceleratedScheduler, Scheduler } from '../time/Scheduler';
import { aCluster, TestCluster } from './aCluster';
import { Namer, Observed, State, stateOf, withoutRepeats } from './fluxStates';

const account: Account = {
  id: 1,
  login: 'flux',
  fullName: 'Flux',
  email: 'flux@norden.example',
  role: 'administrator',
};

/** The password of the forge. */
export const password = 'secret';

/** Files of a repository by path; undefined takes one away. */
export type FileChanges = Readonly<Record<string, string | undefined>>;

/** The kinds of Flux that are played. */
export type FluxKind = 'GitRepository' | 'Kustomization';
type FluxStatus = NonNullable<Observed['status']>;

const resources: Readonly<Record<FluxKind, Resource<Observed>>> = {
  GitRepository: gitRepositories,
  Kustomization: kustomizations,
};

/** What can be done in a scenario. Names are of the namespace `flux-system`; times are simulated seconds. */
export interface FluxSteps {
  /** Makes a commit on `main` and returns its revision as Flux writes it. */
  push(name: string, files: FileChanges, message: string): Promise<string>;
  /** Makes an empty repository. */
  repository(name: string): Promise<void>;
  follow(name: string, spec?: object): Promise<void>;
  kustomize(name: string, spec?: object): Promise<void>;
  change(kind: FluxKind, name: string, spec: object): Promise<void>;
  /** Asks a controller for a look now. */
  ask(kind: FluxKind, name: string): Promise<void>;
  until(
    kind: FluxKind,
    name: string,
    check: (status: FluxStatus) => boolean,
  ): Promise<void>;
  /** Until a Kustomization is ready with this revision. */
  applied(name: string, revision: string): Promise<void>;
  /** Until the condition `Ready` of an object has this reason. */
  ready(kind: FluxKind, name: string, reason: string): Promise<void>;
  seconds(count: number): Promise<void>;
  /** Changes an object that is not of Flux; makes it when there is none. */
  put<T extends KubernetesObject>(
    resource: Resource<T>,
    name: ObjectName,
    object: object,
  ): Promise<void>;
  /** The image of a deployment in `flux-apps`. */
  image(name: string): Promise<string | undefined>;
  exists(resource: Resource, name: ObjectName): Promise<boolean>;
  /** Where the forge serves repositories. */
  readonly forge: string;
}

/** How the controllers are set up. */
export interface FluxStageOptions {
  /** Times as fast as ours the simulated world runs. */
  readonly rate: number;
  readonly cancelHealthCheckOnNewRevision?: boolean;
}

/** A cluster with Flux and Flagger and a forge, in which time runs faster than ours, and all states that Flux's objects went through. */
export class FluxStage {
  readonly #seen: {
    readonly kind: FluxKind;
    readonly name: string;
    readonly status: FluxStatus;
  }[] = [];
  readonly #listeners = new Set<() => void>();
  readonly #commits = new Map<string, string[]>();

  private constructor(
    private readonly directory: string,
    private readonly scheduler: Scheduler,
    private readonly cluster: TestCluster,
    private readonly forge: RunningForge,
    private readonly controllers: RunningController,
  ) {}

  static async start(options: FluxStageOptions): Promise<FluxStage> {
    const directory = await mkdtemp(join(tmpdir(), 'flux-'));
    const scheduler = acceleratedScheduler(options.rate);
    const forge = await startForge({
      directory: join(directory, 'forge'),
      port: 0,
      accounts: [account],
      password,
      clock: () => new Date(),
    });
    const cluster = await emptyCluster();
    const controllers = await runControllers({
      kubeConfig: cluster.kubeConfig,
      directory: join(directory, 'mirrors'),
      scheduler,
      podTimes: { start: 200, stop: 100 },
      flagger: {
        metricsServer: `${forge.url}/nothing`,
        meshProvider: 'gatewayapi:v1',
      },
      cancelHealthCheckOnNewRevision: options.cancelHealthCheckOnNewRevision,
      log: () => undefined,
    });
    const stage = new FluxStage(
      directory,
      scheduler,
      cluster,
      forge,
      controllers,
    );
    await stage.#watch('GitRepository');
    await stage.#watch('Kustomization');
    return stage;
  }

  /** What a scenario may do; its commits are numbered in the order it makes them. */
  stepsOf(scenario: string): FluxSteps {
    const commits: string[] = [];
    this.#commits.set(scenario, commits);
    const { client } = this.cluster;
    const until: FluxSteps['until'] = (kind, name, check) =>
      this.#until(kind, name, check);
    return {
      forge: this.forge.url,
      push: async (name, files, message) => {
        const sha = await this.#push(name, files, message);
        commits.push(sha);
        return `main@sha1:${sha}`;
      },
      repository: async name => {
        await this.#repository(name);
      },
      follow: (name, spec) => this.#follow(name, spec),
      kustomize: (name, spec) => this.#kustomize(name, spec),
      change: async (kind, name, spec) => {
        await client.patch(resources[kind], inFlux(name), { spec });
      },
      ask: (kind, name) => this.#ask(kind, name),
      until,
      applied: (name, revision) =>
        until(
          'Kustomization',
          name,
          ({ lastAppliedRevision, conditions }) =>
            lastAppliedRevision === revision &&
            conditionOf(conditions, 'Ready')?.status === 'True',
        ),
      ready: (kind, name, reason) =>
        until(
          kind,
          name,
          ({ conditions }) =>
            conditionOf(conditions, 'Ready')?.reason === reason,
        ),
      seconds: count => this.scheduler.sleep(count * 1_000),
      put: async (resource, name, object) => {
        if (await client.get(resource, name))
          await client.patch(resource, name, object, { kind: 'strategic' });
        else
          await client.create(resource, name.namespace, {
            metadata: name,
            ...object,
          });
      },
      image: async name => {
        const found = await client.get(deployments, {
          namespace: 'flux-apps',
          name,
        });
        return found?.spec.template.spec.containers[0].image;
      },
      exists: async (resource, name) =>
        (await client.get(resource, name)) !== undefined,
    };
  }

  /** All states of an object, commits named as in the scenario. */
  statesOf(scenario: string, kind: FluxKind, name: string): readonly State[] {
    const namer = new Namer();
    for (const commit of this.#commits.get(scenario) ?? []) namer.name(commit);
    return withoutRepeats(
      this.#seen
        .filter(one => one.kind === kind && one.name === name)
        .map(({ status }) => stateOf(kind, name, status, namer)),
    );
  }

  async stop(): Promise<void> {
    await this.controllers.stop();
    this.scheduler.stop();
    await this.cluster.stop();
    await this.forge.stop();
    await rm(this.directory, { recursive: true, force: true });
  }

  #watch(kind: FluxKind): Promise<void> {
    return this.cluster.record(resources[kind], ({ metadata, status = {} }) => {
      this.#seen.push({ kind, name: metadata.name, status });
      for (const listener of [...this.#listeners]) listener();
    });
  }

  /** Looks at the present state and at all that follow. */
  #until(
    kind: FluxKind,
    name: string,
    check: (status: FluxStatus) => boolean,
  ): Promise<void> {
    const last = this.#seen.findLastIndex(
      one => one.kind === kind && one.name === name,
    );
    let position = Math.max(last, 0);
    return new Promise(resolve => {
      const look = () => {
        for (; position < this.#seen.length; position += 1) {
          const one = this.#seen[position];
          if (one.kind === kind && one.name === name && check(one.status)) {
            this.#listeners.delete(look);
            resolve();
            return;
          }
        }
      };
      this.#listeners.add(look);
      look();
    });
  }

  #repository(name: string) {
    const { forge } = this.forge;
    return (
      forge.repository(`norden/${name}`) ??
      forge.createRepository({ owner: 'norden', name, description: '' })
    );
  }

  async #push(
    name: string,
    files: FileChanges,
    message: string,
  ): Promise<string> {
    const repository = await this.#repository(name);
    const [sha] = await repository.git.write([
      {
        branch: 'main',
        author: this.forge.forge.signatureOf(account),
        message,
        parent: await repository.git.resolve('main'),
        changes: Object.entries(files).map(([path, content]) => ({
          path,
          content,
        })),
      },
    ]);
    return sha;
  }

  async #follow(name: string, spec: object = {}): Promise<void> {
    await this.cluster.client.create(gitRepositories, 'flux-system', {
      metadata: inFlux(name),
      spec: {
        interval: '10s',
        url: `${this.forge.url}/norden/${name}.git`,
        ref: { branch: 'main' },
        timeout: '10s',
        ...spec,
      },
    });
  }

  async #kustomize(name: string, spec: object = {}): Promise<void> {
    await this.cluster.client.create(kustomizations, 'flux-system', {
      metadata: inFlux(name),
      spec: {
        interval: '10m',
        path: './apps',
        prune: true,
        sourceRef: { kind: 'GitRepository', name },
        ...spec,
      },
    });
  }

  async #ask(kind: FluxKind, name: string): Promise<void> {
    const value = String(process.hrtime.bigint());
    await this.cluster.client.patch(resources[kind], inFlux(name), {
      metadata: { annotations: { [requestedAtAnnotation]: value } },
    });
  }
}

function inFlux(name: string): ObjectName {
  return { namespace: 'flux-system', name };
}

async function emptyCluster(): Promise<TestCluster> {
  const cluster = await aCluster();
  const { client } = cluster;
  for (const definition of [...fluxDefinitions, ...flaggerDefinitions])
    await client.create(customResourceDefinitions, undefined, definition);
  for (const name of ['flux-system', 'flux-apps'])
    await client.create(namespaces, undefined, { metadata: { name } });
  await client.create(nodes, undefined, {
    metadata: { name: 'one', labels: { [simulatedNodeLabel]: '' } },
  });
  return cluster;
}
