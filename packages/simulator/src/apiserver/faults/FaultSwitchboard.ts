// SPDX-License-Identifier: Apache-2.0
import type { Server } from 'node:https';
import type { Duplex } from 'node:stream';
import { ApiError, expired } from '../status';
import type { ActiveFault, Fault, Faults } from './Fault';
import { parseFault } from './parseFault';
import { isInScope } from './scope';
import type { FaultTarget } from './scope';
import { Share } from './Share';

/** Why a fault ends an open watch. */
export type WatchEnding = 'gone' | 'forbidden';

/** What becomes of the next line of a watch. */
export type LineFate = 'sent' | 'held' | 'malformed' | 'cut';

/** What the switchboard needs of the server it stands before. */
export interface Switched {
  readonly server: Server;
  readonly sockets: ReadonlySet<Duplex>;
  listen(): Promise<void>;
  forgetHistory(): void;
}

/** A fault that holds, with what it has met so far. */
interface Holding extends ActiveFault {
  readonly share: Share;
  /** Lines that each watch was still sent under a `cut`. */
  readonly sent: WeakMap<FaultTarget, number>;
}

/** Faults, as the server itself sees them. */
export class FaultSwitchboard implements Faults {
  #holding: readonly Holding[] = [];
  #count = 0;
  #isListening = true;
  /** Changes happen one after the other, since the port takes a moment to close. */
  #lastChange: Promise<unknown> = Promise.resolve();
  #waiting = new Set<() => void>();
  readonly #requests = new Map<FaultTarget, () => void>();
  readonly #watches = new Map<FaultTarget, (why: WatchEnding) => void>();

  constructor(private readonly switched: Switched) {}

  get active(): readonly ActiveFault[] {
    return this.#holding.map(({ id, fault }) => ({ id, fault }));
  }

  get current(): Fault | undefined {
    return this.#holding[this.#holding.length - 1]?.fault;
  }

  set(fault: Fault): Promise<void> {
    const checked = parseFault(fault);
    return this.#inTurn(async () => {
      await this.#keep([]);
      await this.#begin(checked);
    });
  }

  add(fault: Fault): Promise<ActiveFault> {
    const checked = parseFault(fault);
    return this.#inTurn(() => this.#begin(checked));
  }

  remove(id: string): Promise<boolean> {
    return this.#inTurn(async () => {
      const kept = this.#holding.filter(one => one.id !== id);
      const isKnown = kept.length < this.#holding.length;
      if (isKnown) await this.#keep(kept);
      return isKnown;
    });
  }

  clear(): Promise<void> {
    return this.#inTurn(() => this.#keep([]));
  }

  release(): void {
    this.#holding = [];
    this.#wake();
  }

  /** Whether any fault holds; without one, nothing else needs to be asked. */
  get isFaulty(): boolean {
    return this.#holding.length > 0;
  }

  /** Whether connections are accepted. */
  get isListening(): boolean {
    return this.#isListening;
  }

  /** Takes note of a request that has come, for as long as it is open. */
  enter(target: FaultTarget, cut: () => void): () => void {
    this.#requests.set(target, cut);
    return () => this.#requests.delete(target);
  }

  /**
   * Lets a request pass, late, never or not at all.
   *
   * @returns whether it gets a malformed answer instead of its own.
   * @throws ApiError what the fault answers.
   */
  async admit(
    target: FaultTarget,
    signal: AbortSignal,
  ): Promise<'pass' | 'malformed'> {
    for (const { fault } of this.#meeting(target)) {
      if (fault.kind === 'slow') await pause(fault.milliseconds, signal);
    }
    while (this.#isMet('hang', target) && !signal.aborted) {
      await this.#untilChanged(signal);
    }
    for (const { fault } of this.#meeting(target)) {
      if (fault.kind === 'error') throw simulated(fault.code ?? 500);
      if (fault.kind === 'forbidden') throw simulated(403);
      // The lines of a watch break off one by one.
      if (fault.kind === 'malformed' && target.verb !== 'watch') {
        return 'malformed';
      }
    }
    return 'pass';
  }

  /** What becomes of a line that a watch is about to send. Call it once per line. */
  fateOfLine(target: FaultTarget): LineFate {
    if (this.#holding.length === 0) return 'sent';
    if (this.#isMet('hang', target)) return 'held';
    for (const { fault, sent } of this.#meeting(target)) {
      if (fault.kind === 'malformed') return 'malformed';
      if (fault.kind === 'cut' && fault.afterEvents !== undefined) {
        const before = sent.get(target) ?? 0;
        if (before >= fault.afterEvents) return 'cut';
        sent.set(target, before + 1);
      }
    }
    return 'sent';
  }

  /** Calls back once, when faults have ended: what was held may be sent now, or be held again. */
  onceChanged(callback: () => void): () => void {
    this.#waiting.add(callback);
    return () => this.#waiting.delete(callback);
  }

  /** Calls back when a fault ends an open watch. */
  onWatchEnd(
    target: FaultTarget,
    callback: (why: WatchEnding) => void,
  ): () => void {
    this.#watches.set(target, callback);
    return () => this.#watches.delete(target);
  }

  /** Whether a request finds that older versions are forgotten. */
  hasLostHistory(target: FaultTarget): boolean {
    return this.#isMet('gone', target);
  }

  /** @throws ApiError 410 while history is lost. */
  mustHaveHistory(target: FaultTarget): void {
    if (this.hasLostHistory(target)) {
      throw expired('too old resource version: simulated fault');
    }
  }

  async #begin(fault: Fault): Promise<ActiveFault> {
    this.#count += 1;
    const id = `fault-${this.#count}`;
    const share = new Share(fault.kind === 'refuse' ? {} : fault);
    const holding: Holding = { id, fault, share, sent: new WeakMap() };
    if (fault.kind === 'cut' && fault.afterEvents === undefined) {
      this.#cut(holding);
      return { id, fault };
    }
    this.#holding = [...this.#holding, holding];
    if (fault.kind === 'gone' || fault.kind === 'forbidden') {
      if (fault.kind === 'gone' && !isNarrow(fault)) {
        this.switched.forgetHistory();
      }
      this.#endWatches(holding, fault.kind);
    }
    if (fault.kind === 'refuse') await this.#closePort();
    return { id, fault };
  }

  async #keep(kept: readonly Holding[]): Promise<void> {
    this.#holding = kept;
    const isRefusing = kept.some(({ fault }) => fault.kind === 'refuse');
    if (!isRefusing && !this.#isListening) {
      await this.switched.listen();
      this.#isListening = true;
    }
    this.#wake();
  }

  async #closePort(): Promise<void> {
    if (!this.#isListening) return;
    this.#isListening = false;
    const { server, sockets } = this.switched;
    const closed = new Promise(resolve => server.close(resolve));
    for (const socket of sockets) socket.destroy();
    await closed;
  }

  #cut(cutting: Holding): void {
    if (!isNarrow(cutting.fault)) {
      for (const socket of this.switched.sockets) socket.destroy();
      return;
    }
    for (const [target, cut] of [...this.#requests]) {
      if (isMeeting(cutting, target)) cut();
    }
  }

  #endWatches(ending: Holding, why: WatchEnding): void {
    for (const [target, end] of [...this.#watches]) {
      if (isMeeting(ending, target)) end(why);
    }
  }

  #isMet(kind: Fault['kind'], target: FaultTarget): boolean {
    return this.#holding.some(
      one => one.fault.kind === kind && isMeeting(one, target),
    );
  }

  #meeting(target: FaultTarget): readonly Holding[] {
    return this.#holding.filter(one => isMeeting(one, target));
  }

  #wake(): void {
    const waiting = [...this.#waiting];
    this.#waiting = new Set();
    for (const callback of waiting) callback();
  }

  #untilChanged(signal: AbortSignal): Promise<void> {
    return new Promise(resolve => {
      const forget = this.onceChanged(resolve);
      signal.addEventListener('abort', () => {
        forget();
        resolve();
      });
    });
  }

  #inTurn<T>(change: () => Promise<T>): Promise<T> {
    const done = this.#lastChange.then(change);
    // A change that failed has told its caller; it does not stop the next.
    this.#lastChange = done.catch(() => undefined);
    return done;
  }
}

function isMeeting({ fault, share }: Holding, target: FaultTarget): boolean {
  if (fault.kind === 'refuse') return false;
  return isInScope(fault, target) && share.meets(target);
}

function isNarrow({ kind, ...rest }: Fault): boolean {
  return Object.keys(rest).length > 0;
}

const REASONS: Readonly<Record<number, string>> = {
  401: 'Unauthorized',
  403: 'Forbidden',
  404: 'NotFound',
  409: 'Conflict',
  410: 'Expired',
  429: 'TooManyRequests',
  503: 'ServiceUnavailable',
  504: 'Timeout',
};

function simulated(code: number): ApiError {
  const reason = REASONS[code] ?? 'InternalError';
  return new ApiError(code, reason, `${reason}: simulated fault`, {
    ...(code === 429 && { retryAfterSeconds: 1 }),
  });
}

function pause(milliseconds: number, signal: AbortSignal): Promise<void> {
  return new Promise(resolve => {
    const timer = setTimeout(resolve, milliseconds);
    signal.addEventListener('abort', () => {
      clearTimeout(timer);
      resolve();
    });
  });
}
