// SPDX-License-Identifier: Apache-2.0
import type { LoggerService } from '@backstage/backend-plugin-api';
import type { SignalsService } from '@backstage/plugin-signals-node';

/** Channel on which changes are announced. */
export const SIGNAL_CHANNEL = 'delivery';

/** Channel on which changes of the fleet are announced. */
export const FLEET_SIGNAL_CHANNEL = 'fleet';

/** At most five hints a second, whatever happens in the clusters. */
const PAUSE = 200;

/**
 * Tells open pages that there is something new to read, and nothing more: the channel reaches
 * sockets that nobody signed in on. Changes within a moment become one hint, the first at once.
 */
export class SignalPublisher {
  readonly #signals: Pick<SignalsService, 'publish'>;
  readonly #logger: LoggerService;
  readonly #run: string;
  readonly #channel: string;
  readonly #pause: number;
  #count = 0;
  /** Services changed since the last hint; undefined when any may have. */
  #pending: Set<string> | undefined = new Set();
  #timer: NodeJS.Timeout | undefined;
  #dirty = false;

  /**
   * @param options.run - names this process, so that revisions of two replicas differ
   * @param options.channel - default {@link SIGNAL_CHANNEL}
   * @param options.pause - milliseconds between two hints at least; default 200
   */
  constructor(options: {
    readonly signals: Pick<SignalsService, 'publish'>;
    readonly logger: LoggerService;
    readonly run: string;
    readonly channel?: string;
    readonly pause?: number;
  }) {
    this.#signals = options.signals;
    this.#logger = options.logger;
    this.#run = options.run;
    this.#channel = options.channel ?? SIGNAL_CHANNEL;
    this.#pause = options.pause ?? PAUSE;
  }

  /** @param service - entity ref; undefined when any service may be affected */
  changed(service?: string): void {
    if (service === undefined) this.#pending = undefined;
    else this.#pending?.add(service);
    this.#dirty = true;
    if (!this.#timer) this.#flush();
  }

  stop(): void {
    clearTimeout(this.#timer);
    this.#timer = undefined;
    this.#dirty = false;
  }

  #flush(): void {
    if (!this.#dirty) {
      this.#timer = undefined;
      return;
    }
    const services = this.#pending;
    this.#pending = new Set();
    this.#dirty = false;
    this.#timer = setTimeout(() => this.#flush(), this.#pause);
    this.#timer.unref();
    this.#count += 1;
    const [only, ...others] = services ?? [];
    this.#signals
      .publish({
        recipients: { type: 'broadcast' },
        channel: this.#channel,
        message: {
          revision: `${this.#run}-${this.#count}`,
          ...(only !== undefined && others.length === 0 && { service: only }),
        },
      })
      .catch((error: unknown) =>
        this.#logger.warn(`A signal was not sent: ${String(error)}`),
      );
  }
}
