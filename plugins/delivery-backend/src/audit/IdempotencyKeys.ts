// SPDX-License-Identifier: Apache-2.0
import { ConflictError } from '@backstage/errors';
import type { Knex } from 'knex';
import type { Clock } from '../Clock';
import { optionalTextOf, textOf, type Row } from '../database/rows';
import { sha256 } from './hashChain';

/** A claim that produced no answer for this long died with its process. */
const ABANDONED_AFTER = 60_000;
/** How long an answer is remembered. */
const KEPT_FOR = 24 * 3_600_000;

/**
 * Does a command once per key. A repetition with the same request gets the first answer; with
 * another request it is refused. A repetition while the first one still works is refused too, so
 * that the caller tries again. A failed command keeps nothing: its repetition tries anew.
 */
export class IdempotencyKeys {
  readonly #database: Knex;
  readonly #clock: Clock;

  constructor(options: { readonly database: Knex; readonly clock: Clock }) {
    this.#database = options.database;
    this.#clock = options.clock;
  }

  /**
   * @param command.actor - entity ref; keys of different people never meet
   * @param command.request - the request's method, path and body as text
   * @param work - its answer must be JSON text
   * @throws ConflictError when the key was used for another request, or its command still works
   */
  async once(
    command: {
      readonly actor: string;
      readonly key: string;
      readonly request: string;
    },
    work: () => Promise<string>,
  ): Promise<{ readonly answer: string; readonly repeated: boolean }> {
    const { actor, key } = command;
    const fingerprint = sha256(command.request);
    const earlier = await this.#claim(actor, key, fingerprint);
    if (earlier !== undefined) return { answer: earlier, repeated: true };
    try {
      const answer = await work();
      await this.#database('idempotency_keys')
        .where({ actor, key, fingerprint })
        .update({ answer });
      return { answer, repeated: false };
    } catch (error) {
      await this.#database('idempotency_keys')
        .where({ actor, key, fingerprint })
        .whereNull('answer')
        .delete();
      throw error;
    }
  }

  /** The earlier answer, or undefined when the key is now ours. */
  async #claim(
    actor: string,
    key: string,
    fingerprint: string,
  ): Promise<string | undefined> {
    const now = this.#clock();
    const ago = (span: number) => new Date(now.getTime() - span).toISOString();
    const keys = () => this.#database('idempotency_keys');
    await keys().where('claimed_at', '<', ago(KEPT_FOR)).delete();
    await keys()
      .whereNull('answer')
      .where('claimed_at', '<', ago(ABANDONED_AFTER))
      .delete();
    // Only the one whose insert took place gets a row back; both engines answer `returning`.
    const mine: unknown[] = await keys()
      .insert({ actor, key, fingerprint, claimed_at: now.toISOString() })
      .onConflict(['actor', 'key'])
      .ignore()
      .returning('key');
    if (mine.length > 0) return undefined;
    const row: Row | undefined = await keys().where({ actor, key }).first('*');
    if (!row) return this.#claim(actor, key, fingerprint);
    if (textOf(row, 'fingerprint') !== fingerprint) {
      throw new ConflictError(
        'This idempotency key was already used for another request',
      );
    }
    const answer = optionalTextOf(row, 'answer');
    if (answer === undefined) {
      throw new ConflictError(
        'The first request with this idempotency key is still being carried out',
      );
    }
    return answer;
  }
}
