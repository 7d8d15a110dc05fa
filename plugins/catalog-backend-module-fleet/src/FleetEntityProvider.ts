// SPDX-License-Identifier: Apache-2.0
import { createHash } from 'node:crypto';
import type { LoggerService } from '@backstage/backend-plugin-api';
import type { Entity } from '@backstage/catalog-model';
import type {
  EntityProvider,
  EntityProviderConnection,
} from '@backstage/plugin-catalog-node';
import type {
  DeliveryClient,
  FleetClient,
} from '@causeway/plugin-delivery-common';
import { fleetEntities, type EntitySettings } from './fleetEntities';

/** What is read of the delivery plugin. */
export type FleetReader = Pick<
  DeliveryClient & FleetClient,
  'getClusters' | 'getFleetSummary' | 'getFleetSites'
>;

/** One reading of the fleet. */
interface Reading {
  readonly entities: readonly Entity[];
  /** Every cluster of the portal was heard since its start. */
  readonly isWhole: boolean;
}

/**
 * Provides the clusters and sites of the fleet. The catalog is told only of what has really changed, and
 * of a reading only when the next one is the same: while a portal starts, its clusters come one by one.
 * What is not whole adds and takes nothing away.
 */
export class FleetEntityProvider implements EntityProvider {
  #connection: EntityProviderConnection | undefined;
  #last = '';
  #told = '';

  constructor(
    private readonly parts: {
      readonly fleet: FleetReader;
      readonly settings: Omit<EntitySettings, 'location'>;
      readonly logger: LoggerService;
    },
  ) {}

  getProviderName(): string {
    return 'fleet';
  }

  async connect(connection: EntityProviderConnection): Promise<void> {
    this.#connection = connection;
  }

  /** Reads the fleet once and tells the catalog what has changed. A fleet that does not answer changes nothing. */
  async refresh(): Promise<void> {
    let reading: Reading;
    try {
      reading = await this.#read();
    } catch (error) {
      this.parts.logger.warn(`The fleet could not be read: ${error}`);
      return;
    }
    const print = createHash('sha256')
      .update(JSON.stringify(reading))
      .digest('hex');
    const isSettled = print === this.#last;
    this.#last = print;
    if (!isSettled || print === this.#told || !this.#connection) return;
    const entities = reading.entities.map(entity => ({
      entity,
      locationKey: this.getProviderName(),
    }));
    await this.#connection.applyMutation(
      reading.isWhole
        ? { type: 'full', entities }
        : { type: 'delta', added: entities, removed: [] },
    );
    this.#told = print;
    this.parts.logger.info(
      `Told the catalog of ${entities.length} clusters and sites of the fleet`,
    );
  }

  async #read(): Promise<Reading> {
    const { fleet, settings } = this.parts;
    const [clusters, summary, sites] = await Promise.all([
      fleet.getClusters(),
      fleet.getFleetSummary(),
      fleet.getFleetSites(),
    ]);
    if (summary.status !== 'changed' || sites.status !== 'changed') {
      throw new Error('Nothing is in the answer.');
    }
    return {
      entities: fleetEntities(summary.view.clusters, sites.view, {
        ...settings,
        location: `fleet:${this.getProviderName()}`,
      }),
      isWhole: clusters.every(({ freshness }) => freshness.state !== 'never'),
    };
  }
}
