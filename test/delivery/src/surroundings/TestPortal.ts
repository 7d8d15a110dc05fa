// SPDX-License-Identifier: Apache-2.0
import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { NodeProcess, repository } from './NodeProcess';

/** Where a portal under test runs and what it sees. */
export interface TestPortalOptions {
  readonly port: number;
  readonly dataDirectory: string;
  /** Environment that app-config.yaml and app-config.simulation.yaml read. */
  readonly environment: Readonly<Record<string, string>>;
  /** Configuration on top of both. */
  readonly overlay: object;
  /** Backend to run; the product's own when left out. */
  readonly entry?: string;
}

/** An answer of the delivery API: status and parsed body. */
export interface Answer<Body = unknown> {
  readonly status: number;
  readonly body: Body;
}

/** The portal's backend as a process of its own, so that it can be killed. */
export class TestPortal {
  readonly #options: TestPortalOptions;
  #process?: NodeProcess;
  #tokens = new Map<string, Promise<string>>();

  constructor(options: TestPortalOptions) {
    this.#options = options;
  }

  get url(): string {
    return `http://localhost:${this.#options.port}`;
  }

  /** Starts the backend and waits until demo users can sign in and delivery is healthy. */
  async start(
    environment: Readonly<Record<string, string>> = {},
  ): Promise<void> {
    await this.launch(environment);
    await this.untilReady();
  }

  /** Starts the backend without waiting. */
  async launch(
    environment: Readonly<Record<string, string>> = {},
  ): Promise<void> {
    const overlay = join(this.#options.dataDirectory, 'overlay.yaml');
    await writeFile(overlay, JSON.stringify(this.#options.overlay));
    this.#tokens = new Map();
    this.#process = await NodeProcess.start({
      entry: this.#options.entry ?? 'packages/backend/src/index.ts',
      parameters: [
        '--config',
        join(repository, 'app-config.yaml'),
        '--config',
        join(repository, 'app-config.simulation.yaml'),
        '--config',
        overlay,
      ],
      environment: {
        ...this.#options.environment,
        NODE_ENV: 'development',
        ...environment,
      },
      logFile: join(this.#options.dataDirectory, 'logs/portal.log'),
    });
  }

  async untilReady(): Promise<void> {
    await this.#process?.untilReady('the portal', async () => {
      const health = await fetch(`${this.url}/api/delivery/health`);
      await health.arrayBuffer();
      await this.#tokenOf('mia');
      return health.ok;
    });
  }

  stop(): Promise<void> {
    return this.#process?.end('SIGTERM') ?? Promise.resolve();
  }

  /** Ends the process without giving it the time for anything. */
  kill(): Promise<void> {
    return this.#process?.end('SIGKILL') ?? Promise.resolve();
  }

  /** Calls an endpoint below /api as a demo user. */
  async call<Body = unknown>(
    user: string,
    method: 'GET' | 'POST',
    path: string,
    body?: object,
    headers: Readonly<Record<string, string>> = {},
  ): Promise<Answer<Body>> {
    const ask = async () =>
      fetch(`${this.url}/api${path}`, {
        method,
        headers: {
          authorization: `Bearer ${await this.#tokenOf(user)}`,
          'content-type': 'application/json',
          ...headers,
        },
        body: body && JSON.stringify(body),
      });
    let response = await ask();
    // A login lasts an hour, which the longest stories outlive.
    if (response.status === 401 && this.#tokens.delete(user)) {
      await response.arrayBuffer();
      response = await ask();
    }
    const text = await response.text();
    return { status: response.status, body: parse<Body>(text) };
  }

  #tokenOf(user: string): Promise<string> {
    const known = this.#tokens.get(user);
    if (known) {
      return known;
    }
    const token = this.#signIn(user);
    token.catch(() => this.#tokens.delete(user));
    this.#tokens.set(user, token);
    return token;
  }

  async #signIn(user: string): Promise<string> {
    const response = await fetch(`${this.url}/api/auth/demo/refresh`, {
      headers: { 'x-demo-user': `user:default/${user}` },
    });
    if (!response.ok) {
      throw new Error(`${user} could not sign in: ${await response.text()}`);
    }
    const session = (await response.json()) as {
      backstageIdentity: { token: string };
    };
    return session.backstageIdentity.token;
  }
}

function parse<Body>(text: string): Body {
  try {
    return JSON.parse(text) as Body;
  } catch {
    return text as Body;
  }
}
