// SPDX-License-Identifier: Apache-2.0
import { NotAllowedError, ServiceUnavailableError } from '@backstage/errors';
import type { DeviceActionCluster } from '@causeway/plugin-delivery-node';
import type {
  Answer,
  ClusterTransport,
  ClusterWrites,
  TransportFailure,
} from './ClusterTransport';

/** A cluster to act on in somebody's name; undefined when the portal has none of that name. */
export type ActOnCluster = (
  cluster: string,
  behalf: { readonly actor: string },
  signal: AbortSignal,
) => ActingCluster | undefined;

/** Objects of one page. */
const PAGE = 500;

/**
 * One cluster for an action on a device: every read is from the API server itself and not from memory,
 * because memory may be old. Ends with `signal`.
 * @param user - name to act under by impersonation
 */
export class ActingCluster implements DeviceActionCluster {
  constructor(
    private readonly name: string,
    private readonly transport: ClusterTransport & ClusterWrites,
    private readonly user: string | undefined,
    private readonly signal: AbortSignal,
  ) {}

  async get(path: string): Promise<unknown> {
    const answer = await this.transport.get(path, this.signal);
    if (answer.ok) return answer.value;
    if (answer.failure.kind === 'missing') return undefined;
    throw this.#error(answer.failure);
  }

  async list(
    path: string,
    {
      fields,
      labels,
    }: { readonly fields?: string; readonly labels?: string } = {},
  ): Promise<readonly unknown[]> {
    const query = new URLSearchParams({
      ...(fields !== undefined && { fieldSelector: fields }),
      ...(labels !== undefined && { labelSelector: labels }),
    });
    const items: unknown[] = [];
    let next: string | undefined;
    do {
      const answer = await this.transport.list(
        `${path}?${query}`,
        { limit: PAGE, next },
        this.signal,
      );
      if (!answer.ok) throw this.#error(answer.failure);
      items.push(...answer.value.items);
      next = answer.value.next;
    } while (next !== undefined);
    return items;
  }

  async patch(
    path: string,
    body: object,
  ): Promise<'done' | 'missing' | 'stale'> {
    const { user } = this;
    const answer = await this.transport.patch(
      path,
      body,
      { user },
      this.signal,
    );
    if (answer.ok) return 'done';
    if (answer.failure.kind === 'missing') return 'missing';
    if (answer.failure.kind === 'conflict') return 'stale';
    throw this.#error(answer.failure);
  }

  async create(
    path: string,
    body: object,
  ): ReturnType<DeviceActionCluster['create']> {
    const { user } = this;
    const answer = await this.transport.create(
      path,
      body,
      { user },
      this.signal,
    );
    if (answer.ok) return { kind: 'created' };
    const { kind, problem } = answer.failure;
    if (kind === 'conflict') return { kind: 'exists' };
    if (kind === 'missing') return { kind: 'missing' };
    if (kind === 'busy') return { kind: 'busy', message: problem };
    throw this.#error(answer.failure);
  }

  async remove(path: string): Promise<void> {
    const { user } = this;
    const answer = await this.transport.remove(path, { user }, this.signal);
    if (!answer.ok && answer.failure.kind !== 'missing') {
      throw this.#error(answer.failure);
    }
  }

  async text(path: string, maximum: number): Promise<string | undefined> {
    const { user } = this;
    const answer: Answer<string> = await this.transport.text(
      path,
      maximum,
      { user },
      this.signal,
    );
    if (answer.ok) return answer.value;
    if (answer.failure.kind === 'missing') return undefined;
    throw this.#error(answer.failure);
  }

  /**
   * The status with which what is behind a proxy of the API server answers.
   * @param within - milliseconds
   * @throws NotAllowedError, ServiceUnavailableError when nobody was asked, or nobody answered in time
   */
  async status(path: string, within: number): Promise<number> {
    const { user } = this;
    const answer = await this.transport.status(
      path,
      { within, user },
      this.signal,
    );
    if (answer.ok) return answer.value;
    throw this.#error(answer.failure);
  }

  #error({ kind, problem }: TransportFailure): Error {
    return kind === 'forbidden'
      ? new NotAllowedError(problem)
      : new ServiceUnavailableError(
          `The cluster ${this.name} did not take it. ${problem}`,
        );
  }
}
