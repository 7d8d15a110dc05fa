// SPDX-License-Identifier: Apache-2.0
import { createHmac, randomUUID } from 'node:crypto';
import { ApiContext } from '../api/requests';
import { ForgeEvent, Push } from '../Forge';
import { ForgeRepository } from '../ForgeRepository';
import type { Hook } from '../records';
import { eventMessage, Message, pushMessage } from './payloads';

/** How long a receiver may take to answer; Gitea's default. */
const deliveryTimeout = 5_000;

/** The signature Gitea sends: HMAC-SHA256 of the raw body, hexadecimal, without a prefix. */
export function giteaSignature(secret: string, body: string): string {
  return createHmac('sha256', secret).update(body).digest('hex');
}

/** The headers of one delivery, signed as Gitea signs. */
function deliveryHeaders(
  { event, type }: Pick<Message, 'event' | 'type'>,
  delivery: { readonly id: string; readonly secret: string },
  body: string,
): Readonly<Record<string, string>> {
  const { id, secret } = delivery;
  const headers: Record<string, string> = {
    'Content-Type': 'application/json',
    // Three names for receivers that were written for another forge.
    ...Object.fromEntries(
      ['Gitea', 'Gogs', 'GitHub'].flatMap(forge => [
        [`X-${forge}-Delivery`, id],
        [`X-${forge}-Event`, event],
        [`X-${forge}-Event-Type`, type],
      ]),
    ),
  };
  // Without a secret the real forge sends these headers empty.
  const signature = secret ? giteaSignature(secret, body) : '';
  const older = secret
    ? createHmac('sha1', secret).update(body).digest('hex')
    : '';
  headers['X-Gitea-Signature'] = signature;
  headers['X-Gogs-Signature'] = signature;
  headers['X-Hub-Signature'] = `sha1=${older}`;
  headers['X-Hub-Signature-256'] = `sha256=${signature}`;
  return headers;
}

/**
 * Tells hooks what happens in the forge: those of the repository what they asked
 * for, the extra ones of pushes. Messages of one repository leave in the order
 * of the events. As with Gitea, a message is sent once: a receiver that is away
 * misses it, is logged, and must not rely on hooks alone.
 */
export class Deliveries {
  readonly #queues = new Map<string, Promise<void>>();
  readonly #unsubscribe: readonly (() => void)[];

  constructor(
    private readonly context: ApiContext,
    private readonly extraHooks: readonly Pick<Hook, 'url' | 'secret'>[],
    private readonly log: (line: string) => void,
  ) {
    const { forge } = context;
    this.#unsubscribe = [
      forge.onPush(push => this.#enqueuePush(push)),
      forge.onEvent(event => this.#enqueueEvent(event)),
    ];
  }

  /** Hears of nothing more, and waits for the messages under way. */
  async stop(): Promise<void> {
    for (const unsubscribe of this.#unsubscribe) unsubscribe();
    await Promise.all(this.#queues.values());
  }

  #enqueuePush(push: Push): void {
    this.#enqueue(push.repository, () => pushMessage(this.context, push));
  }

  #enqueueEvent(event: ForgeEvent): void {
    this.#enqueue(event.repository, () => eventMessage(this.context, event));
  }

  #enqueue(repository: ForgeRepository, tell: () => Promise<Message>): void {
    const before = this.#queues.get(repository.fullName) ?? Promise.resolve();
    const after = before
      .then(() => this.#deliver(repository, tell))
      .catch(error =>
        this.log(`forge: webhook of ${repository.fullName} failed: ${error}`),
      );
    this.#queues.set(repository.fullName, after);
  }

  async #deliver(
    repository: ForgeRepository,
    tell: () => Promise<Message>,
  ): Promise<void> {
    const own = repository.hooks.filter(({ active }) => active);
    if (own.length + this.extraHooks.length === 0) return;
    const message = await tell();
    const { subscription } = message;
    const addressees = [
      ...own.filter(({ events = ['push'] }) => events.includes(subscription)),
      ...(subscription === 'push' ? this.extraHooks : []),
    ];
    const body = JSON.stringify(message.payload);
    await Promise.all(addressees.map(hook => this.#send(hook, message, body)));
  }

  async #send(
    { url, secret }: Pick<Hook, 'url' | 'secret'>,
    message: Message,
    body: string,
  ): Promise<void> {
    try {
      const response = await fetch(url, {
        method: 'POST',
        headers: deliveryHeaders(message, { id: randomUUID(), secret }, body),
        body,
        signal: AbortSignal.timeout(deliveryTimeout),
      });
      await response.arrayBuffer();
      if (!response.ok)
        this.log(`forge: webhook ${url} answered ${response.status}`);
    } catch (error) {
      this.log(`forge: webhook ${url} could not be reached: ${error}`);
    }
  }
}
