// SPDX-License-Identifier: Apache-2.0
import { createHash } from 'node:crypto';
import type { LoggerService } from '@backstage/backend-plugin-api';
import { InputError, isError } from '@backstage/errors';
import type { ScmIntegrations } from '@backstage/integration';
import { parsePipeline } from '@causeway/plugin-delivery-common';
import type {
  Conflict,
  FileChange,
  Files,
  Onboarding,
} from '../onboarding/Onboarding';
import { pipelinePath, planOnboarding } from '../onboarding/planOnboarding';
import { writePipeline, type RoadOptions } from '../onboarding/writePipeline';
import { accessTo } from './access';
import { FleetCheckout } from './FleetCheckout';
import { GiteaForge } from './GiteaForge';

/** Others may push between our reading and our writing; then it is read again. */
const ATTEMPTS = 5;

/** What is to be put into the fleet repository. */
export interface OnboardingRequest
  extends Omit<RoadOptions, 'namespace'>,
    Pick<Onboarding, 'port' | 'manifests' | 'release'> {
  readonly name: string;
  /** Also the namespace, where the pipeline document names none. */
  readonly system: string;
  /** The pipeline document of the service's own repository. */
  readonly document?: string;
  /** How that is called in its repository. */
  readonly documentFile: string;
}

/** What came of it. */
export type Onboarded = {
  readonly changed: boolean;
  readonly files: string[];
  readonly kept: string[];
  readonly notes: string[];
  readonly commit?: string;
  readonly commitUrl?: string;
  readonly pullRequestUrl?: string;
  /** For the annotation `causeway.dev/pipeline`. */
  readonly pipeline: string;
};

/** In whose name it is written. */
export interface Requester {
  readonly name: string;
  readonly email: string;
  /** Entity ref. */
  readonly ref?: string;
}

/** Stands for a fleet repository that a dry run can not read. */
const usualFleet: Files = new Map(
  ['cloud-staging', 'cloud-production', 'edge-staging', 'edge-production'].map(
    cluster => [
      `clusters/${cluster}/kustomization.yaml`,
      'apiVersion: kustomize.config.k8s.io/v1beta1\nkind: Kustomization\nresources: []\n',
    ],
  ),
);

/** Brings a service into the fleet repository: reads, plans, and writes what is missing. */
export class FleetOnboarding {
  readonly #request: OnboardingRequest;
  readonly #fleet: { readonly repository: string; readonly branch: string };
  readonly #integrations: ScmIntegrations;
  readonly #newDirectory: () => Promise<string>;
  readonly #logger: LoggerService;

  constructor(options: {
    readonly request: OnboardingRequest;
    readonly fleet: { readonly repository: string; readonly branch: string };
    readonly integrations: ScmIntegrations;
    /** An empty folder, which is removed by whoever made it. */
    readonly newDirectory: () => Promise<string>;
    readonly logger: LoggerService;
  }) {
    this.#request = options.request;
    this.#fleet = options.fleet;
    this.#integrations = options.integrations;
    this.#newDirectory = options.newDirectory;
    this.#logger = options.logger;
  }

  /** What would be done; a fleet repository that can not be read is taken for one with the usual clusters. */
  async preview(): Promise<Onboarded> {
    let files: Files;
    try {
      ({ files } = await this.#clone());
    } catch (error) {
      this.#logger.warn(
        `The fleet repository could not be read, so this shows what one with the usual clusters would get: ${
          isError(error) ? error.message : String(error)
        }`,
      );
      files = usualFleet;
    }
    return this.#plan(files).result;
  }

  /**
   * Writes what is missing, by a commit or by a pull request.
   *
   * @throws InputError when the fleet repository contradicts the pipeline
   */
  async apply(how: {
    readonly by: Requester;
    readonly propose: boolean;
  }): Promise<Onboarded> {
    for (let attempt = 1; ; attempt += 1) {
      const checkout = await this.#clone();
      const { result, changes } = this.#plan(checkout.files);
      if (changes.length === 0) return result;
      try {
        return how.propose
          ? { ...result, ...(await this.#propose(checkout, changes, how.by)) }
          : { ...result, ...(await this.#commit(checkout, changes, how.by)) };
      } catch (error) {
        if (attempt === ATTEMPTS) throw error;
        this.#logger.info(
          `The fleet repository did not take the change, so it is read again: ${
            isError(error) ? error.message : String(error)
          }`,
        );
      }
    }
  }

  async #clone(): Promise<FleetCheckout> {
    return FleetCheckout.clone({
      access: await accessTo(this.#integrations, this.#fleet.repository),
      branch: this.#fleet.branch,
      directory: await this.#newDirectory(),
    });
  }

  #plan(files: Files): {
    readonly result: Onboarded;
    readonly changes: readonly FileChange[];
  } {
    const onboarding = this.#onboarding(files);
    const plan = planOnboarding(files, onboarding);
    if (plan.kind === 'refused') throw refusal(plan.conflicts);
    return {
      changes: plan.changes,
      result: {
        changed: plan.changes.length > 0,
        files: plan.changes.map(({ path }) => path),
        kept: [...plan.kept],
        notes: [...plan.notes],
        pipeline:
          this.#request.document === undefined
            ? `url:${this.#pageOf(pipelinePath(this.#request.name))}`
            : `./${this.#request.documentFile}`,
      },
    };
  }

  #onboarding(files: Files): Onboarding {
    const { name, system, document: own, ...request } = this.#request;
    const kept = files.get(pipelinePath(name));
    const document =
      own ?? kept ?? writePipeline(files, { ...request, namespace: system });
    const { pipeline, problems } = parsePipeline(document, {
      service: `component:default/${name}`,
      defaults: { fleet: this.#fleet, namespace: system },
    });
    if (!pipeline) {
      throw new InputError(
        `The pipeline document is not valid:\n${problems
          .map(({ line, column, message }) => `${line}:${column} ${message}`)
          .join('\n')}`,
      );
    }
    return {
      service: name,
      pipeline,
      port: request.port,
      ...(own === undefined && { document }),
      ...(request.manifests && { manifests: request.manifests }),
      ...(request.release && { release: request.release }),
    };
  }

  async #commit(
    checkout: FleetCheckout,
    changes: readonly FileChange[],
    by: Requester,
  ) {
    const commit = await checkout.push(changes, {
      message: this.#message(by),
      author: by,
    });
    const page = this.#fleet.repository.replace(/(\.git)?\/*$/, '');
    return { commit, commitUrl: `${page}/commit/${commit}` };
  }

  /** The branch is named by its content, so that the same proposal is made once. */
  async #propose(
    checkout: FleetCheckout,
    changes: readonly FileChange[],
    by: Requester,
  ) {
    const forge = GiteaForge.of(this.#integrations, this.#fleet.repository);
    if (!forge) {
      throw new InputError(
        `Pull requests can be opened on Gitea and Forgejo only, not for ${
          this.#fleet.repository
        }. Let the change be committed instead.`,
      );
    }
    const hash = createHash('sha256').update(JSON.stringify(changes));
    const branch = `onboard-${this.#request.name}-${hash
      .digest('hex')
      .slice(0, 8)}`;
    const isNew = !(await forge.hasBranch(branch));
    if (isNew) {
      await checkout.push(changes, {
        message: this.#message(by),
        author: by,
        branch,
      });
    }
    const pull = await forge.ensurePull({
      head: branch,
      base: this.#fleet.branch,
      title: `Add ${this.#request.name} to the fleet`,
      body: `Asked for by ${by.ref ?? by.name} in the portal.\n\n${changes
        .map(({ path }) => `- \`${path}\``)
        .join('\n')}\n`,
    });
    return { changed: isNew, pullRequestUrl: pull.url };
  }

  #message(by: Requester): string {
    return `Add ${
      this.#request.name
    } to the fleet\n\nService: component:default/${
      this.#request.name
    }\nRequested-by: ${by.ref ?? by.name}\n`;
  }

  #pageOf(path: string): string {
    const { repository, branch } = this.#fleet;
    const page = repository.replace(/(\.git)?\/*$/, '');
    return this.#integrations.byUrl(repository)?.type === 'gitea'
      ? `${page}/src/branch/${branch}/${path}`
      : `${page}/blob/${branch}/${path}`;
  }
}

function refusal(conflicts: readonly Conflict[]): InputError {
  const told = conflicts.map(
    ({ path, reason, diff }) => `${path}: ${reason}${diff ? `\n${diff}` : ''}`,
  );
  return new InputError(
    `The fleet repository contradicts the pipeline; nothing was written.\n${told.join(
      '\n',
    )}`,
  );
}
