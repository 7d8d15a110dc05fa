// SPDX-License-Identifier: Apache-2.0
import { mockServices, startTestBackend } from '@backstage/backend-test-utils';
import catalog from '@backstage/plugin-catalog-backend';
import templateModel from '@backstage/plugin-catalog-backend-module-scaffolder-entity-model';
import scaffolder from '@backstage/plugin-scaffolder-backend';
import gitea from '@backstage/plugin-scaffolder-backend-module-gitea';
import github from '@backstage/plugin-scaffolder-backend-module-github';
import gitlab from '@backstage/plugin-scaffolder-backend-module-gitlab';
import delivery from '@causeway/plugin-scaffolder-backend-module-delivery';
import { startForgeAndCi } from '@causeway/simulator';
import { randomUUID } from 'node:crypto';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { run } from './run';
import { readLayers, type Template } from './templates';
import { writeRepository } from './writeRepository';

/** What a template made. */
export interface Rendered {
  /** Texts by path, in order. */
  readonly files: ReadonlyMap<string, string>;
  /** Ids of steps that the dry run only pretended to take. */
  readonly pretended: readonly string[];
}

/** What the scaffolder said to values that it refuses. */
export interface Refused {
  readonly problems: readonly string[];
}

interface DryRun {
  readonly errors?: readonly { readonly stack: string }[];
  readonly error?: { readonly message: string };
  readonly log: readonly {
    readonly body: {
      readonly stepId?: string;
      readonly status?: string;
      readonly message: string;
    };
  }[];
  readonly directoryContents: readonly {
    readonly path: string;
    readonly base64Content: string;
  }[];
}

/** Dry runs publish nothing, so the password of this forge opens nothing. */
const username = 'causeway';
const password = 'causeway';
const reports = 'reports-of-releases';

/** A template that does nothing but onboard a service into a fleet repository. */
function onboardingInto(url: string) {
  return {
    apiVersion: 'scaffolder.backstage.io/v1beta3',
    kind: 'Template',
    metadata: { name: 'onboarding' },
    spec: {
      type: 'service',
      parameters: [],
      steps: [
        {
          id: 'onboard',
          name: 'Onboard',
          action: 'delivery:service:onboard',
          input: {
            name: 'dock-lights',
            owner: 'group:default/team-belts',
            system: 'sorting',
            image: 'registry.norden.example/dock-lights',
            hardware: ['jetson', 'raspberry-pi'],
            fleet: { url },
          },
        },
      ],
    },
  };
}

/** The real scaffolder and the real catalog in this process, beside a forge with the fleet of the demo. */
export class ScaffolderUnderTest {
  /** Nobody changes them while it runs. */
  readonly #layers = readLayers();

  private constructor(
    private readonly address: string,
    private readonly forge: string,
    readonly stop: () => Promise<void>,
  ) {}

  static async start(): Promise<ScaffolderUnderTest> {
    const dataDirectory = await mkdtemp(join(tmpdir(), 'templates-'));
    const forge = await startForgeAndCi({
      dataDirectory,
      forgePassword: password,
      releaseReport: { url: 'http://127.0.0.1:9/none', secret: reports },
      pushWebhook: { url: 'http://127.0.0.1:9/none', secret: reports },
      log: () => undefined,
    });
    const { host } = new URL(forge.url);
    const backend = await startTestBackend({
      features: [
        catalog,
        templateModel,
        scaffolder,
        gitea,
        github,
        gitlab,
        delivery,
        mockServices.rootConfig.factory({
          data: {
            integrations: {
              gitlab: [
                {
                  host: 'gitlab.example',
                  apiBaseUrl: 'https://gitlab.example/api/v4',
                  token: password,
                },
              ],
              gitea: [
                { host: 'forge.example', username, password },
                { host, baseUrl: forge.url, username, password },
              ],
            },
            delivery: {
              fleet: { repository: `${forge.url}/norden/fleet` },
              releases: { secrets: [{ repository: '*', secret: reports }] },
            },
          },
        }),
      ],
    });
    return new ScaffolderUnderTest(
      `http://127.0.0.1:${backend.server.port()}`,
      forge.url,
      async () => {
        await backend.stop();
        await forge.stop();
        await rm(dataDirectory, { recursive: true });
      },
    );
  }

  /** Renders a template by a dry run. */
  async render(
    template: Template,
    values: Readonly<Record<string, unknown>>,
  ): Promise<Rendered | Refused> {
    const { status, body } = await this.#post<DryRun>(
      '/api/scaffolder/v2/dry-run',
      { template, values, directoryContents: this.#layers },
    );
    if (status === 400 && body.errors)
      return { problems: body.errors.map(({ stack }) => stack) };
    if (status !== 200)
      throw new Error(
        `The scaffolder answered ${status}: ${body.error?.message}`,
      );
    const files = body.directoryContents
      .map(({ path, base64Content }): [string, string] => [
        path,
        Buffer.from(base64Content, 'base64').toString('utf8'),
      ])
      .sort(([a], [b]) => (a < b ? -1 : 1));
    const pretended = body.log.flatMap(({ body: { stepId, message } }) =>
      stepId && message.endsWith('does not support dry-run') ? [stepId] : [],
    );
    return { files: new Map(files), pretended };
  }

  /** What the catalog's own processors say against an entity; nothing when it is fine. */
  async problemsOf(entity: unknown): Promise<readonly string[]> {
    const { status, body } = await this.#post<{
      readonly errors?: readonly { readonly message: string }[];
    }>('/api/catalog/validate-entity', {
      entity,
      location: 'url:https://forge.example/norden/sample/catalog-info.yaml',
    });
    return status === 200
      ? []
      : (body.errors ?? []).map(({ message }) => message);
  }

  /**
   * Puts a fleet repository on the forge, and says which of its files the onboarding of a service
   * would change, in their order.
   */
  async previewOnboarding(
    files: ReadonlyMap<string, string>,
  ): Promise<readonly string[]> {
    const name = `fleet-${randomUUID()}`;
    const created = await fetch(`${this.forge}/api/v1/orgs/norden/repos`, {
      method: 'POST',
      headers: {
        'content-type': 'application/json',
        authorization: `Basic ${btoa(`${username}:${password}`)}`,
      },
      body: JSON.stringify({ name }),
    });
    if (!created.ok) throw new Error(await created.text());
    const folder = await mkdtemp(join(tmpdir(), 'fleet-'));
    await writeRepository({ files, pretended: [] }, folder);
    const url = `${this.forge}/norden/${name}`;
    const target = new URL(`${url}.git`);
    Object.assign(target, { username, password });
    const pushed = await run('git', ['push', target.href, 'main'], folder);
    await rm(folder, { recursive: true });
    if (pushed.code !== 0) throw new Error(pushed.output);
    const { body } = await this.#post<DryRun>('/api/scaffolder/v2/dry-run', {
      template: onboardingInto(url),
      values: {},
      directoryContents: [],
    });
    const said = body.log.map(line => line.body.message).join('\n');
    const changed = /Would change (.*)/.exec(said)?.[1];
    if (!changed || said.includes('could not be read')) throw new Error(said);
    return changed.split(', ');
  }

  async #post<T>(
    path: string,
    body: unknown,
  ): Promise<{ readonly status: number; readonly body: T }> {
    const response = await fetch(`${this.address}${path}`, {
      method: 'POST',
      headers: { 'content-type': 'application/json' },
      body: JSON.stringify(body),
    });
    const text = await response.text();
    return { status: response.status, body: JSON.parse(text || '{}') };
  }
}
