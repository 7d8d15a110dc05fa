// SPDX-License-Identifier: Apache-2.0
import { ApiError, expired } from '../status';
import type { Change, Entry } from '../store/Store';
import type { ResourceRequest } from './Api';
import { parseWatchOptions } from './listOptions';
import type { WatchOptions } from './listOptions';
import { line, renderBookmark, renderEvent } from './render';
import type { View } from './render';
import { viewOf } from './view';

/** Bytes a client may be behind before its watch is ended. */
const BACKLOG_LIMIT = 64 * 1024 * 1024;
const DEFAULT_TIMEOUT_SECONDS = 30 * 60;
/** A last bookmark goes out this long before a watch runs out of time. */
const BEFORE_TIMEOUT_MILLISECONDS = 2000;

/** One watch, from its start to the end of its connection. */
class Watch {
  readonly #incoming: ResourceRequest;
  readonly #options: WatchOptions;
  readonly #view: View;
  readonly #endings: (() => void)[] = [];
  /** Lines held back while the server is made to hang. */
  #held: Buffer[] = [];
  #heldBytes = 0;
  #isFirst = true;
  #isOpen = true;

  constructor(incoming: ResourceRequest, options: WatchOptions) {
    this.#incoming = incoming;
    this.#options = options;
    this.#view = viewOf(incoming);
  }

  start(): void {
    const { api, type, target, response } = this.#incoming;
    response.writeHead(200, {
      'content-type': 'application/json',
      'cache-control': 'no-cache, private',
    });
    response.flushHeaders();
    response.on('close', () => this.#end());
    this.#endings.push(
      api.faults.onWatchEnd(target, why =>
        why === 'gone' ? this.#endWithExpired() : this.#finish(),
      ),
    );
    if (!this.#sendStart()) return;
    this.#endings.push(
      api.store.follow(type.collection, change => this.#onChange(change)),
    );
    this.#startTimers();
  }

  /** Sends what lies before the first new change. */
  #sendStart(): boolean {
    const { api, type, namespace, target } = this.#incoming;
    const { resourceVersion, sendInitialEvents } = this.#options;
    const wantsState = sendInitialEvents ?? !resourceVersion;
    if (wantsState) {
      for (const entry of api.store.list(type.collection, namespace)) {
        if (this.#selects(entry)) this.#send('ADDED', entry);
      }
      if (sendInitialEvents && this.#options.allowBookmarks) {
        this.#write(renderBookmark(this.#view, api.store.revision, true));
      }
      return true;
    }
    if (!resourceVersion) return true;
    const missed = api.faults.hasLostHistory(target)
      ? undefined
      : api.store.changesSince(type.collection, resourceVersion);
    if (!missed) {
      this.#endWithExpired();
      return false;
    }
    for (const change of missed) this.#onChange(change);
    return true;
  }

  #onChange({ revision, type, entry, previous }: Change): void {
    // A client may ask for what comes after a revision not reached yet.
    if (revision <= (this.#options.resourceVersion ?? 0)) return;
    const isSelected = type !== 'DELETED' && this.#selects(entry);
    const wasSelected = previous !== undefined && this.#selects(previous);
    if (isSelected) this.#send(wasSelected ? 'MODIFIED' : 'ADDED', entry);
    else if (wasSelected) {
      // Also for objects that only left the selection: shown as they last were in it.
      this.#send('DELETED', type === 'DELETED' ? entry : previous.at(revision));
    }
  }

  #selects({ key, object }: Entry): boolean {
    const { namespace } = this.#incoming;
    if (namespace !== undefined && !key.startsWith(`${namespace}/`)) {
      return false;
    }
    return !this.#options.isNarrowed || this.#options.selects(object);
  }

  #send(type: Change['type'], entry: Entry): void {
    this.#write(renderEvent(this.#view, type, entry, this.#isFirst));
    this.#isFirst = false;
  }

  #write(bytes: Buffer): void {
    if (!this.#isOpen) return;
    const { api, target, response } = this.#incoming;
    const fate = api.faults.fateOfLine(target);
    switch (fate) {
      case 'sent':
        response.write(bytes);
        if (response.writableLength > BACKLOG_LIMIT) response.destroy();
        break;
      case 'held':
        this.#hold(bytes);
        break;
      case 'malformed':
        response.write(`${firstHalf(bytes)}\n`);
        break;
      case 'cut':
        this.#isOpen = false;
        response.write(firstHalf(bytes), () => response.destroy());
        break;
      default:
        fate satisfies never;
    }
  }

  #hold(bytes: Buffer): void {
    const { api, response } = this.#incoming;
    if (this.#held.length === 0) {
      this.#endings.push(api.faults.onceChanged(() => this.#release()));
    }
    this.#held.push(bytes);
    this.#heldBytes += bytes.length;
    if (this.#heldBytes > BACKLOG_LIMIT) response.destroy();
  }

  #release(): void {
    const held = this.#held;
    this.#held = [];
    this.#heldBytes = 0;
    for (const bytes of held) this.#write(bytes);
  }

  #startTimers(): void {
    const { api } = this.#incoming;
    const { allowBookmarks, timeoutSeconds } = this.#options;
    const lifetime = (timeoutSeconds ?? DEFAULT_TIMEOUT_SECONDS) * 1000;
    const timeout = setTimeout(() => this.#finish(), lifetime);
    this.#endings.push(() => clearTimeout(timeout));
    if (!allowBookmarks) return;
    const bookmark = () =>
      this.#write(renderBookmark(this.#view, api.store.revision, false));
    const regular = setInterval(bookmark, api.bookmarkInterval);
    const last = setTimeout(bookmark, lifetime - BEFORE_TIMEOUT_MILLISECONDS);
    this.#endings.push(() => {
      clearInterval(regular);
      clearTimeout(last);
    });
  }

  #endWithExpired(): void {
    const { api, type } = this.#incoming;
    const from = this.#options.resourceVersion ?? api.store.revision;
    const oldest = api.store.oldestRevision(type.collection);
    const { status }: ApiError = expired(
      `too old resource version: ${from} (${oldest})`,
    );
    this.#write(line('ERROR', JSON.stringify(status)));
    this.#finish();
  }

  #finish(): void {
    if (this.#isOpen) this.#incoming.response.end();
    this.#end();
  }

  #end(): void {
    this.#isOpen = false;
    this.#held = [];
    for (const ending of this.#endings.splice(0)) ending();
  }
}

function firstHalf(bytes: Buffer): Buffer {
  return bytes.subarray(0, Math.floor(bytes.length / 2));
}

/**
 * `GET …?watch=true`: a line of JSON per change.
 *
 * Guarantees: between the state a watch starts from and its end, every change
 * that concerns its selection is sent once, in order; nothing falls between
 * the replayed history and what follows, because the store is read and
 * followed in one step. A watch that cannot keep this ends with 410.
 */
export function watch(incoming: ResourceRequest): void {
  const options = parseWatchOptions(incoming.type, incoming.query);
  new Watch(incoming, options).start();
}
