// SPDX-License-Identifier: Apache-2.0
import { Scheduler } from '../time/Scheduler';
import { Delivery, signedFile, signedHeaders } from './report';

/** Where release reports go. */
export interface ReportTarget {
  /** Address of the portal's `/api/delivery/releases`. */
  readonly url: string;
  readonly secret: string;
  /** Whether reports are followed by the files that are their evidence. Default true. */
  readonly evidence?: boolean;
}

const shortestPause = 1_000;
const longestPause = 30_000;
const patience = 60 * 60_000;
const answerTimeout = 10_000;

/** How one attempt ended. */
type Attempt =
  /** The release has this id when it is new to the portal. */
  | { readonly kind: 'delivered'; readonly release?: string }
  | { readonly kind: 'refused'; readonly reason: string }
  | { readonly kind: 'later'; readonly reason: string };

/**
 * Sends reports until the portal has taken them. Reports of one service arrive
 * in order; services do not wait for each other. What an hour of attempts
 * or a stop leave undelivered is not lost: runs are kept on disk, and CI
 * reports all of them again at its next start.
 */
export class Outbox {
  readonly #queues = new Map<string, Promise<void>>();
  readonly #stopping = new AbortController();

  constructor(
    private readonly target: ReportTarget | undefined,
    private readonly scheduler: Scheduler,
    private readonly log: (line: string) => void,
  ) {}

  /** Begins to send a delivery. */
  add(delivery: Delivery): void {
    const before = this.#queues.get(delivery.service) ?? Promise.resolve();
    const after = before
      .then(() => this.#send(delivery))
      .catch(error => this.log(`ci: report ${delivery.id} failed: ${error}`));
    this.#queues.set(delivery.service, after);
  }

  /** Resolves when everything that can be sent now has been sent. */
  async idle(): Promise<void> {
    await Promise.all(this.#queues.values());
  }

  /** Stops sending. */
  async stop(): Promise<void> {
    this.#stopping.abort();
    await this.idle();
  }

  async #send(delivery: Delivery): Promise<void> {
    const { signal } = this.#stopping;
    const started = this.scheduler.now().getTime();
    while (!signal.aborted && this.target) {
      const attempt = await this.#attempt(delivery, this.target);
      const { evidence = true } = this.target;
      if (evidence && attempt.kind === 'delivered' && attempt.release)
        await this.#sendFiles(delivery, attempt.release, this.target);
      if (attempt.kind === 'delivered' || signal.aborted) return;
      const waited = this.scheduler.now().getTime() - started;
      if (attempt.kind === 'refused' || waited > patience) {
        this.log(
          `ci: report ${delivery.id} of ${delivery.service} not delivered: ${attempt.reason}`,
        );
        return;
      }
      // A tenth of the time waited so far: a portal that is just starting is met soon, one that is down is left in peace.
      const pause = Math.max(
        shortestPause,
        Math.min(waited / 10, longestPause),
      );
      await this.scheduler.sleep(pause, signal);
    }
  }

  /** Evidence is worth one attempt each: a release is one without it, too. */
  async #sendFiles(
    delivery: Delivery,
    release: string,
    { url, secret }: ReportTarget,
  ): Promise<void> {
    for (const file of delivery.files()) {
      if (this.#stopping.signal.aborted) return;
      const now = this.scheduler.now();
      const { path, headers } = signedFile(
        delivery,
        release,
        file,
        secret,
        now,
      );
      try {
        const response = await fetch(`${url}${path}`, {
          method: 'POST',
          headers,
          body: file.text,
          signal: AbortSignal.any([
            this.#stopping.signal,
            AbortSignal.timeout(answerTimeout),
          ]),
        });
        const text = await response.text();
        if (!response.ok)
          this.log(`ci: ${file.name} not kept: ${text.slice(0, 300)}`);
      } catch (error) {
        this.log(`ci: ${file.name} not sent: ${error}`);
      }
    }
  }

  async #attempt(
    delivery: Delivery,
    { url, secret }: ReportTarget,
  ): Promise<Attempt> {
    try {
      const response = await fetch(url, {
        method: 'POST',
        headers: signedHeaders(delivery, secret, this.scheduler.now()),
        body: delivery.body,
        signal: AbortSignal.any([
          this.#stopping.signal,
          AbortSignal.timeout(answerTimeout),
        ]),
      });
      const text = await response.text();
      if (response.ok)
        return {
          kind: 'delivered',
          ...(response.status === 201 && newRelease(text)),
        };
      const reason = `${response.status} ${text.slice(0, 300)}`;
      return {
        kind: mayPassLater(response.status) ? 'later' : 'refused',
        reason,
      };
    } catch (error) {
      return { kind: 'later', reason: String(error) };
    }
  }
}

/** The id in the answer to a report; none where the answer is of another shape. */
function newRelease(text: string): { readonly release?: string } {
  try {
    const { id } = JSON.parse(text);
    return typeof id === 'string' ? { release: id } : {};
  } catch {
    return {};
  }
}

/** Whether the same request may be taken later: the portal starts, is busy, or does not know the service yet. */
function mayPassLater(status: number): boolean {
  return status >= 500 || [404, 408, 425, 429].includes(status);
}
