import {
  address,
  readCommonSettings,
  wholeNumber,
  type CommonSettings,
  type Environment,
} from './environment.ts';

/** What the service is told from outside. */
export interface Settings extends CommonSettings {
  /** Where events go when the network is there; nowhere when left out. */
  readonly upstream: URL | undefined;
  /** Answer, and take events, while the upstream is away. */
  readonly offlineMode: boolean;
  /** Most events that wait for the upstream. */
  readonly outboxLimit: number;
  /** Milliseconds between two tries to reach the upstream. */
  readonly forwardInterval: number;
}

/** Reads the environment. Throws one sentence that names the variable to mend. */
export function readSettings(environment: Environment): Settings {
  return {
    ...readCommonSettings(environment),
    upstream: address(environment, 'UPSTREAM_URL'),
    offlineMode: environment.EDGE_OFFLINE_MODE === 'true',
    outboxLimit: wholeNumber(environment, 'OUTBOX_LIMIT', {
      usual: 10_000,
      least: 1,
      most: 1_000_000,
    }),
    forwardInterval: wholeNumber(environment, 'FORWARD_INTERVAL_MS', {
      usual: 5_000,
      least: 10,
      most: 3_600_000,
    }),
  };
}
