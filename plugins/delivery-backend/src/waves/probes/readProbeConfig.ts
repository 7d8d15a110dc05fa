// SPDX-License-Identifier: Apache-2.0
import type { Config } from '@backstage/config';
import { parseImage } from '@causeway/plugin-delivery-common';

/** A probe that an operator of the portal has configured. Nothing of it comes from a pipeline or a request. */
export interface ConfiguredProbe {
  readonly name: string;
  readonly image: string;
  readonly command: readonly string[];
  /** Seconds that it may run. */
  readonly timeout: number;
  /** Seconds until a device has begun it, with the pull of its image. */
  readonly start: number;
  readonly serviceAccount?: string;
  /** Of its Jobs; that of the workload when left out. */
  readonly namespace?: string;
}

/** The probes of the portal, by name. */
export type ConfiguredProbes = ReadonlyMap<string, ConfiguredProbe>;

const place = 'delivery.waves.probes';

/**
 * Reads `delivery.waves.probes`.
 * @throws Error for a setting that makes no sense, naming it
 */
export function readProbeConfig(config: Config): ConfiguredProbes {
  const own = config.getOptionalConfig(place);
  return new Map(
    (own?.keys() ?? []).map(name => [name, readProbe(name, config)]),
  );
}

function readProbe(name: string, config: Config): ConfiguredProbe {
  const where = `${place}.${name}`;
  if (name.length > 40 || !/^[a-z][a-z0-9]*(-[a-z0-9]+)*$/.test(name))
    throw new Error(
      `${where} must have a name of lower-case letters, digits and hyphens, 40 at most`,
    );
  const probe = config.getConfig(where);
  const image = probe.getString('image');
  const { tag, digest } = parseImage(image) ?? {};
  if (!digest && (!tag || tag === 'latest'))
    throw new Error(
      `${where}.image must say which image it is: a tag other than latest, or a digest`,
    );
  const command = probe.getStringArray('command');
  if (command.length === 0)
    throw new Error(`${where}.command must name a program`);
  return {
    name,
    image,
    command,
    timeout: secondsIn(probe, where, 'timeoutSeconds', 60),
    start: secondsIn(probe, where, 'startSeconds', 120),
    serviceAccount: probe.getOptionalString('serviceAccount'),
    namespace: probe.getOptionalString('namespace'),
  };
}

function secondsIn(
  probe: Config,
  where: string,
  key: string,
  otherwise: number,
): number {
  const value = probe.getOptionalNumber(key) ?? otherwise;
  if (Number.isSafeInteger(value) && value >= 5 && value <= 3_600) return value;
  throw new Error(`${where}.${key} must be a whole number from 5 to 3600`);
}
