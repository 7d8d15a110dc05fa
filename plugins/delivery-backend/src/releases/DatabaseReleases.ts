// SPDX-License-Identifier: Apache-2.0
import type { Release } from '@causeway/plugin-delivery-common';
import type { Knex } from 'knex';
import { jsonOf, textOf, type Row } from '../database/rows';
import type { Releases } from './Releases';

/** Who sent a release, so that the same delivery is answered the same. */
export interface Delivery {
  readonly id: string;
  /** SHA-256 of the raw body, hex. */
  readonly bodyHash: string;
}

/** What recording a release led to. */
export type Recording =
  | { readonly outcome: 'recorded'; readonly release: Release }
  /** The version was there already, with the same commit and the same images. */
  | { readonly outcome: 'same'; readonly release: Release }
  /** The version was there already as something else; nothing was written. */
  | { readonly outcome: 'different'; readonly release: Release };

const RELEASES = 'releases';
const DELIVERIES = 'release_deliveries';

/**
 * Releases in the database. A release and the delivery that brought it are written together, or
 * neither is; a version is written once, whoever asks at the same moment.
 */
export class DatabaseReleases implements Releases {
  readonly #database: Knex;
  readonly #listeners = new Set<
    (change: { service: string; release: string }) => void
  >();

  constructor(database: Knex) {
    this.#database = database;
  }

  async get(id: string): Promise<Release | undefined> {
    return this.#first(this.#database(RELEASES).where({ id }));
  }

  async list(service: string, limit: number): Promise<readonly Release[]> {
    const rows = await this.#database(RELEASES)
      .where({ service })
      .orderBy('reported_at', 'desc')
      .limit(limit)
      .select('data');
    return rows.map(parseRow);
  }

  async findByVersion(
    service: string,
    version: string,
  ): Promise<Release | undefined> {
    return this.#first(this.#database(RELEASES).where({ service, version }));
  }

  /** Narrowed in the database by text, decided here by the parsed images. */
  async findByDigest(
    service: string,
    digest: string,
  ): Promise<Release | undefined> {
    if (!/^sha256:[0-9a-f]{64}$/.test(digest)) return undefined;
    const rows = await this.#database(RELEASES)
      .where({ service })
      .whereLike('data', `%${digest}%`)
      .orderBy('reported_at', 'desc')
      .select('data');
    return rows
      .map(parseRow)
      .find(release => release.images.some(image => image.digest === digest));
  }

  subscribe(
    listener: (change: {
      readonly service: string;
      readonly release: string;
    }) => void,
  ) {
    this.#listeners.add(listener);
    return () => {
      this.#listeners.delete(listener);
    };
  }

  /** The release that a delivery brought earlier. */
  async findDelivery(
    id: string,
  ): Promise<
    { readonly bodyHash: string; readonly release: Release } | undefined
  > {
    const row: Row | undefined = await this.#database(DELIVERIES)
      .join(RELEASES, `${RELEASES}.id`, `${DELIVERIES}.release_id`)
      .where(`${DELIVERIES}.delivery`, id)
      .first(`${DELIVERIES}.body_hash`, `${RELEASES}.data`);
    if (!row) return undefined;
    return {
      bodyHash: textOf(row, 'body_hash'),
      release: parseRow(row),
    };
  }

  /** @throws the database's error when a concurrent delivery won twice in a row. */
  async record(release: Release, delivery: Delivery): Promise<Recording> {
    try {
      return await this.#tryToRecord(release, delivery);
    } catch (error) {
      // Another replica wrote the version or the delivery between our look and our write. What it
      // wrote is visible now, so a second look decides; anything else fails again and is thrown.
      const there = await this.findByVersion(release.service, release.version);
      if (!there) throw error;
      return this.#tryToRecord(release, delivery);
    }
  }

  async #tryToRecord(release: Release, delivery: Delivery): Promise<Recording> {
    const recording = await this.#database.transaction(
      async (transaction): Promise<Recording> => {
        const row: Row | undefined = await transaction(RELEASES)
          .where({ service: release.service, version: release.version })
          .first('data');
        if (row) {
          const there = parseRow(row);
          if (!isSameRelease(there, release)) {
            return { outcome: 'different', release: there };
          }
          await insertDelivery(
            transaction,
            delivery,
            there.id,
            release.reportedAt,
          );
          return { outcome: 'same', release: there };
        }
        await transaction(RELEASES).insert({
          id: release.id,
          service: release.service,
          version: release.version,
          commit_sha: release.commit.sha,
          data: JSON.stringify(release),
          reported_at: release.reportedAt,
        });
        await insertDelivery(
          transaction,
          delivery,
          release.id,
          release.reportedAt,
        );
        return { outcome: 'recorded', release };
      },
    );
    if (recording.outcome === 'recorded') {
      for (const listener of this.#listeners) {
        listener({ service: release.service, release: release.id });
      }
    }
    return recording;
  }

  async #first(query: Knex.QueryBuilder): Promise<Release | undefined> {
    const row: Row | undefined = await query.first('data');
    return row ? parseRow(row) : undefined;
  }
}

async function insertDelivery(
  transaction: Knex.Transaction,
  delivery: Delivery,
  releaseId: string,
  receivedAt: string,
): Promise<void> {
  await transaction(DELIVERIES).insert({
    delivery: delivery.id,
    body_hash: delivery.bodyHash,
    release_id: releaseId,
    received_at: receivedAt,
  });
}

/** A version stands for one commit and its images; order and CI's run do not matter. */
function isSameRelease(left: Release, right: Release): boolean {
  const pinned = (release: Release) =>
    release.images
      .map(image => `${image.name}@${image.digest}`)
      .sort()
      .join();
  return left.commit.sha === right.commit.sha && pinned(left) === pinned(right);
}

/** The column holds only what `record` wrote; a damaged row says which it is. */
function parseRow(row: Row): Release {
  const release = jsonOf(row, 'data');
  if (!isRelease(release)) {
    throw new Error('A row of the table releases does not hold a release');
  }
  return release;
}

function isRelease(value: object): value is Release {
  return (
    'id' in value &&
    typeof value.id === 'string' &&
    'version' in value &&
    'commit' in value &&
    typeof value.commit === 'object' &&
    'images' in value &&
    Array.isArray(value.images)
  );
}
