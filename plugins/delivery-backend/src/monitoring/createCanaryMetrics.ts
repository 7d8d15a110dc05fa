// SPDX-License-Identifier: Apache-2.0
import type { LoggerService } from '@backstage/backend-plugin-api';
import type { Config } from '@backstage/config';
import { InputError } from '@backstage/errors';
import type { Clock } from '../Clock';
import type { CanaryMetrics } from './CanaryMetrics';
import {
  checkQueries,
  defaultCanaryQueries,
  type CanaryQueries,
} from './canaryQueries';
import {
  PrometheusClient,
  type PrometheusAddress,
  type PrometheusLimits,
  defaultPrometheusLimits,
} from './PrometheusClient';
import {
  PrometheusCanaryMetrics,
  type ReadingLimits,
} from './PrometheusCanaryMetrics';
import type { PrometheusServer } from './readCanary';
import { RememberedSeries } from './RememberedSeries';

/**
 * The metrics of canaries from the servers of `delivery.prometheus`.
 *
 * @throws InputError when the configuration can not be meant like that; it says which key
 */
export function createCanaryMetrics(parts: {
  readonly config: Config;
  readonly logger: LoggerService;
  readonly clock: Clock;
  readonly limits?: Partial<PrometheusLimits> & {
    readonly reading?: ReadingLimits;
  };
}): CanaryMetrics {
  const { config, logger, clock, limits = {} } = parts;
  const entries = config.getOptionalConfigArray('delivery.prometheus') ?? [];
  const servers = entries.map(entry =>
    readServer(entry, { ...defaultPrometheusLimits, ...limits }),
  );
  const names = servers.map(({ name }) => name);
  const twice = names.find((name, index) => names.indexOf(name) !== index);
  if (twice !== undefined) {
    throw new InputError(
      `delivery.prometheus has two servers of the name ${twice}`,
    );
  }
  return new PrometheusCanaryMetrics({
    servers,
    logger,
    clock,
    limits: limits.reading,
  });
}

/** A server of `delivery.prometheus`, for those who ask questions of their own. */
export interface PrometheusSource {
  readonly name: string;
  /** Clusters whose metrics it has; all when left out. */
  readonly clusters?: readonly string[];
  /** Label by which it tells clusters apart, where it has several. */
  readonly clusterLabel?: string;
  readonly client: PrometheusClient;
}

/**
 * The servers of `delivery.prometheus` with limits of one's own.
 *
 * @throws InputError when the configuration can not be meant like that
 */
export function prometheusSources(
  config: Config,
  limits: PrometheusLimits,
): readonly PrometheusSource[] {
  const entries = config.getOptionalConfigArray('delivery.prometheus') ?? [];
  return entries.map(entry => {
    const name = entry.getString('name');
    return {
      name,
      clusters: entry.getOptionalStringArray('clusters'),
      clusterLabel: entry.getOptionalString('clusterLabel'),
      client: new PrometheusClient(readAddress(entry, name), limits),
    };
  });
}

function readServer(entry: Config, limits: PrometheusLimits): PrometheusServer {
  const name = entry.getString('name');
  const clusters = entry.getOptionalStringArray('clusters');
  const queries = readQueries(entry.getOptionalConfig('queries'));
  const [problem] = checkQueries(queries);
  if (problem) refuse(name, `queries.${problem}`);
  return {
    name,
    ...(clusters && { clusters }),
    client: new RememberedSeries(
      new PrometheusClient(readAddress(entry, name), limits),
    ),
    queries,
  };
}

function readQueries(config: Config | undefined): CanaryQueries {
  const unit = config?.getOptionalString('latencyUnit');
  if (unit !== undefined && unit !== 'seconds' && unit !== 'milliseconds') {
    throw new InputError(
      'delivery.prometheus: latencyUnit is seconds or milliseconds',
    );
  }
  const templates = Object.fromEntries(
    (
      [
        'requests',
        'errorLabel',
        'errorPattern',
        'errors',
        'latency',
        'cpuPercent',
        'memoryPercent',
      ] as const
    ).flatMap(key => {
      const text = config?.getOptionalString(key);
      return text === undefined ? [] : [[key, text]];
    }),
  );
  return {
    ...defaultCanaryQueries,
    ...templates,
    ...(unit && { latencyUnit: unit }),
  };
}

function readAddress(entry: Config, name: string): PrometheusAddress {
  const url = readUrl(entry.getString('url'), name);
  const bearerToken = entry.getOptionalString('bearerToken');
  const username = entry.getOptionalString('username');
  const password = entry.getOptionalString('password');
  if ((username === undefined) !== (password === undefined)) {
    refuse(name, 'username and password belong together');
  }
  if (bearerToken !== undefined && username !== undefined) {
    refuse(name, 'has both a bearerToken and a username; one is enough');
  }
  const basic =
    username !== undefined
      ? Buffer.from(`${username}:${password}`).toString('base64')
      : undefined;
  const own = readHeaders(entry.getOptionalConfig('headers'), name);
  if (own.authorization && (bearerToken ?? basic) !== undefined) {
    refuse(name, 'headers has an authorization beside the other credential');
  }
  const credential = {
    ...(bearerToken !== undefined && {
      authorization: `Bearer ${bearerToken}`,
    }),
    ...(basic !== undefined && { authorization: `Basic ${basic}` }),
  };
  return {
    url,
    headers: { ...own, ...sendable(credential, name) },
    secrets: [...Object.values(own), bearerToken, password, basic].filter(
      secret => secret !== undefined,
    ),
  };
}

function readUrl(text: string, name: string): string {
  const url = URL.canParse(text) ? new URL(text) : undefined;
  if (!url || !/^https?:$/.test(url.protocol)) {
    return refuse(name, 'url is no http or https address');
  }
  if (url.username || url.password || url.search || url.hash) {
    return refuse(
      name,
      'url must be an address alone; credentials go into username and password',
    );
  }
  return url.href.replace(/\/+$/, '');
}

function readHeaders(
  config: Config | undefined,
  name: string,
): Readonly<Record<string, string>> {
  const entries = (config?.keys() ?? []).map(
    key => [key, config?.getString(key) ?? ''] as const,
  );
  return sendable(Object.fromEntries(entries), name);
}

/** Headers with their names in small letters. */
function sendable(
  headers: Readonly<Record<string, string>>,
  name: string,
): Readonly<Record<string, string>> {
  try {
    return Object.fromEntries(new Headers(headers));
  } catch {
    // The message of Node's would show the value.
    return refuse(name, 'a header or credential can not be sent by HTTP');
  }
}

function refuse(name: string, problem: string): never {
  throw new InputError(`delivery.prometheus, server ${name}: ${problem}`);
}
