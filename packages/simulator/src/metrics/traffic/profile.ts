// SPDX-License-Identifier: Apache-2.0
import { Draws, driftAt, hashOf, mixed } from './Draws';
import { combine, Influence, noInfluence } from './effects';

/** What is usual for a service. */
export interface ServiceProfile {
  readonly hash: number;
  /** On average over a day, of all its pods together. */
  readonly requestsPerSecond: number;
  /** The hour of the day, UTC, with the most requests. */
  readonly busiestHour: number;
  /** Share of the requests that fail anyway. */
  readonly errorRate: number;
  /** How many errors come together, on average. */
  readonly errorCluster: number;
  readonly medianSeconds: number;
  /** Standard deviation of the logarithm of the time a request takes. */
  readonly latencySpread: number;
  readonly cpuSecondsPerRequest: number;
  /** Cores a pod takes without any request. */
  readonly idleCores: number;
  /** Bytes a pod holds once it is warm. */
  readonly memoryBytes: number;
}

/** What is fixed about a service beforehand; the seed decides the rest. */
export type FixedProfile = Partial<Omit<ServiceProfile, 'hash'>>;

const hour = 3_600_000;
const minute = 60_000;
const mebibyte = 2 ** 20;

/** The profile of a service: the same seed and names give the same. */
export function profileOf(
  seed: string,
  name: { readonly namespace: string; readonly service: string },
  fixed: FixedProfile = {},
): ServiceProfile {
  const hash = hashOf(`${seed} ${name.namespace}/${name.service}`);
  const draws = new Draws(hash);
  return {
    hash,
    requestsPerSecond: draws.logarithmic(12, 60),
    busiestHour: 11 + 4 * draws.uniform(),
    errorRate: draws.logarithmic(1e-4, 6e-4),
    errorCluster: 1 + 1.5 * draws.uniform(),
    medianSeconds: draws.logarithmic(0.018, 0.06),
    latencySpread: 0.4 + 0.2 * draws.uniform(),
    cpuSecondsPerRequest: draws.logarithmic(0.002, 0.008),
    idleCores: draws.logarithmic(0.005, 0.02),
    memoryBytes: mebibyte * draws.logarithmic(70, 130),
    ...fixed,
  };
}

/** Requests per second of a service at an instant in milliseconds: the hour of the day, and how many people happen to come. */
export function requestRateAt(profile: ServiceProfile, time: number): number {
  const { requestsPerSecond, busiestHour, hash } = profile;
  const turn = ((time / hour - busiestHour) * Math.PI) / 12;
  const ofDay = 1 + 0.45 * Math.cos(turn) + 0.1 * Math.cos(2 * turn);
  const bursts = Math.exp(0.08 * driftAt(mixed(hash, 1), minute, time));
  return requestsPerSecond * ofDay * bursts;
}

/** Share of the requests that fail at an instant without any fault: what the service depends on has better and worse minutes. */
export function errorRateAt(profile: ServiceProfile, time: number): number {
  const drift = driftAt(mixed(profile.hash, 2), 3 * minute, time);
  return profile.errorRate * Math.exp(0.4 * drift);
}

/** What the tag of an image does to the pods that run it. */
export interface VersionTraits extends Influence {
  /** Bytes by which a pod grows in an hour, in shares of what is usual. */
  readonly leakPerHour: number;
}

const quirks: readonly (readonly [string, Partial<VersionTraits>])[] = [
  ['-errors', { errorRate: 0.05 }],
  ['-slow', { latencyFactor: 4 }],
  ['-hungry', { cpuFactor: 3 }],
  ['-leak', { leakPerHour: 0.8 }],
];

/**
 * What a version does by itself. Versions differ by a hair; a tag that ends in
 * `-errors`, `-slow`, `-hungry` or `-leak` says what is wrong with it.
 */
export function traitsOf(
  profile: ServiceProfile,
  version: string,
): VersionTraits {
  const draws = new Draws(mixed(profile.hash, hashOf(version)));
  const [, quirk = {}] =
    quirks.find(([suffix]) => version.endsWith(suffix)) ?? [];
  const usual = {
    ...noInfluence,
    latencyFactor: Math.exp(0.015 * draws.normal()),
    cpuFactor: Math.exp(0.02 * draws.normal()),
    memoryFactor: Math.exp(0.02 * draws.normal()),
  };
  return { leakPerHour: 0, ...quirk, ...combine(usual, quirk) };
}
