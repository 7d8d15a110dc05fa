// SPDX-License-Identifier: Apache-2.0
import { ForgeUnderTest, Login, owner } from './ForgeUnderTest';

/** What a forge answered. */
export interface Answer {
  readonly status: number;
  readonly headers: Headers;
  /** Undefined when there is none or it is not JSON. */
  readonly body: any;
}

/** Sends requests to a forge. */
interface Requests {
  /** One request below `/api/v1`; without a login nobody signs in. */
  request(
    login: Login | undefined,
    method: string,
    path: string,
    body?: object,
  ): Promise<Answer>;
}

/** The answer to something that a test needs before it can begin. */
function created(answer: Answer): Answer {
  if (answer.status === 201) return answer;
  throw new Error(`Not created: ${answer.status} ${answer.body?.message}`);
}

function parsed(text: string): any {
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
}

/** Text as the API takes contents. */
export function base64(text: string): string {
  return Buffer.from(text).toString('base64');
}

/** A repository of a test, and what tests do with it again and again. */
export class Repository {
  constructor(private readonly client: Requests, readonly name: string) {}

  /** Sends one request below the repository. */
  request(
    login: Login | undefined,
    method: string,
    path: string,
    body?: object,
  ): Promise<Answer> {
    return this.client.request(
      login,
      method,
      `/repos/${owner}/${this.name}${path}`,
      body,
    );
  }

  /** Commits a new file as mia. */
  async write(
    path: string,
    text: string,
    options: { readonly message: string; readonly branch?: string },
  ): Promise<Answer> {
    const answer = await this.request('mia', 'POST', `/contents/${path}`, {
      content: base64(text),
      message: options.message,
      ...(options.branch ? { branch: 'main', new_branch: options.branch } : {}),
    });
    return created(answer);
  }

  /** Opens a pull request of mia that adds a file named like its branch; gives its number. */
  async pull(branch: string): Promise<number> {
    await this.write(branch, `${branch}\n`, {
      message: `Add ${branch}`,
      branch,
    });
    const answer = await this.request('mia', 'POST', '/pulls', {
      title: `Add ${branch}`,
      head: branch,
      base: 'main',
    });
    return created(answer).body.number;
  }

  /**
   * Merges a pull request. A forge may need a moment to see whether branches
   * conflict; until then it says so, and is asked again for some seconds.
   */
  async merge(
    login: Login,
    number: number,
    body: object = { Do: 'merge' },
  ): Promise<Answer> {
    for (let attempt = 0; ; attempt += 1) {
      const answer = await this.request(
        login,
        'POST',
        `/pulls/${number}/merge`,
        body,
      );
      const busy = answer.body?.message === 'Please try again later';
      if (!busy || attempt === 50) return answer;
      await new Promise(resolve => setTimeout(resolve, 200));
    }
  }
}

let repositories = 0;

/** Speaks Gitea's API with one forge. */
export class ForgeClient implements Requests {
  constructor(readonly forge: ForgeUnderTest) {}

  async request(
    login: Login | undefined,
    method: string,
    path: string,
    body?: object,
  ): Promise<Answer> {
    const response = await fetch(`${this.forge.url}/api/v1${path}`, {
      method,
      headers: {
        'Content-Type': 'application/json',
        ...(login ? { Authorization: this.authorization(login) } : {}),
      },
      body: body && JSON.stringify(body),
    });
    const text = await response.text();
    return {
      status: response.status,
      headers: response.headers,
      body: parsed(text),
    };
  }

  /** The address for git, with or without credentials. */
  gitAddress(repository: string, login?: Login): string {
    const { url, password } = this.forge;
    const base = login ? url.replace('//', `//${login}:${password}@`) : url;
    return `${base}/${owner}/${repository}.git`;
  }

  /** A new repository with one commit: `VERSION` on `main`. */
  async repository(): Promise<Repository> {
    repositories += 1;
    const name = `case-${process.pid}-${repositories}`;
    const made = await this.request(
      'causeway',
      'POST',
      `/orgs/${owner}/repos`,
      {
        name,
        default_branch: 'main',
      },
    );
    created(made);
    const repository = new Repository(this, name);
    await repository.write('VERSION', '1.0.0\n', { message: 'Begin' });
    return repository;
  }

  private authorization(login: Login): string {
    const pair = `${login}:${this.forge.password}`;
    return `Basic ${Buffer.from(pair).toString('base64')}`;
  }
}
