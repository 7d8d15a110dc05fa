// SPDX-License-Identifier: Apache-2.0
import type { StageObservation } from '@causeway/plugin-delivery-common';
import type { Knex } from 'knex';
import { numberOf, optionalTextOf, textOf, type Row } from '../database/rows';

/** The observations of releases in stages, kept in the database. Several replicas may write: the latest look wins. */
export class StageObservations {
  readonly #database: Knex;

  constructor(database: Knex) {
    this.#database = database;
  }

  async of(service: string): Promise<readonly StageObservation[]> {
    const rows: Row[] = await this.#database('stage_observations')
      .where({ service })
      .orderBy(['stage', 'first_seen_at'])
      .select('*');
    return rows.map(fromRow);
  }

  async write(observations: readonly StageObservation[]): Promise<void> {
    if (observations.length === 0) return;
    await this.#database('stage_observations')
      .insert(observations.map(toRow))
      .onConflict(['service', 'stage', 'release_id'])
      .merge();
  }
}

function toRow(observation: StageObservation) {
  return {
    service: observation.service,
    stage: observation.stage,
    release_id: observation.release,
    health: observation.health,
    since: observation.since,
    soaked: observation.soaked,
    first_seen_at: observation.firstSeenAt,
    last_seen_at: observation.lastSeenAt,
    watched_since: observation.watchedSince,
    arrived_at: observation.arrivedAt ?? null,
  };
}

function fromRow(row: Row): StageObservation {
  const lastSeenAt = textOf(row, 'last_seen_at');
  const arrivedAt = optionalTextOf(row, 'arrived_at');
  return {
    service: textOf(row, 'service'),
    stage: textOf(row, 'stage'),
    release: textOf(row, 'release_id'),
    health: healthOf(textOf(row, 'health')),
    since: textOf(row, 'since'),
    soaked: numberOf(row, 'soaked'),
    firstSeenAt: textOf(row, 'first_seen_at'),
    lastSeenAt,
    watchedSince: optionalTextOf(row, 'watched_since') ?? lastSeenAt,
    ...(arrivedAt && { arrivedAt }),
  };
}

function healthOf(text: string): StageObservation['health'] {
  switch (text) {
    case 'healthy':
    case 'progressing':
    case 'unhealthy':
    case 'gone':
      return text;
    default:
      throw new Error(`The column health holds the unknown word ${text}`);
  }
}
