// SPDX-License-Identifier: Apache-2.0
import type { Milliseconds } from '../time';
import type { HealthChecks } from './healthChecks';
import type { Preconditions } from './preconditions';

/** A named part of the fleet that follows the one before it. */
export interface RingRule {
  readonly name: string;
  /** The devices meant must match all of these; without any, all match. */
  readonly sites?: readonly string[];
  readonly hardware?: readonly string[];
  readonly labels?: Readonly<Record<string, string>>;
  /** Only the first of the plan, as a share in (0, 1]: 0.1 and then 0.5 are a tenth and four tenths. */
  readonly share?: number;
  /** Whether a person lets the ring begin. Default: false. */
  readonly approval?: boolean;
}

/** In which order the devices get the release. */
export type WaveMode =
  /** As fast as evidence grows, without barriers. */
  | { readonly kind: 'growth' }
  /** The same inside each ring; the next one begins when enough of the one before is proven. */
  | {
      readonly kind: 'rings';
      /** Devices that match none form a last ring. */
      readonly rings: readonly RingRule[];
      /** Share of the devices of a ring that can be reached and did not fail. */
      readonly provenShare: number;
    }
  | { readonly kind: 'oneAtATime' };

/** The rules of a wave. Spans in milliseconds, shares between 0 and 1. */
export interface WavePolicy {
  readonly mode: WaveMode;
  /** Devices of each hardware class that go first. */
  readonly canaries: number;
  /** So many devices may be unproven for each proven one of their hardware class. */
  readonly growth: number;
  /** Ask a person after the canaries. */
  readonly approveAfterCanaries: boolean;
  /** Share of a site that may be down at once, rounded down, at least one device. */
  readonly siteShare: number;
  /** Connected devices that a site must keep; never more than all but one. */
  readonly minAvailable: number;
  /** Devices that may be down at once in all; undefined is no limit. */
  readonly maxDown?: number;
  /** Soak until a hardware class has its first proven device. */
  readonly firstSoak: Milliseconds;
  readonly soak: Milliseconds;
  /** How long a proven device still counts as evidence. */
  readonly watch: Milliseconds;
  /** Failure rate that is tolerated: of the wave, and above which a hardware class is under suspicion. */
  readonly tolerance: number;
  /** Failure rate of one hardware class that is tolerated. */
  readonly classTolerance: number;
  /** Failure rate of the last good waves: twice that is tolerated in any case. */
  readonly usualFailureRate: number;
  /** Standard deviations by which the evidence must exceed the tolerance to stop the wave. */
  readonly confidence: number;
  /** A device away for so long in flight loses its order. */
  readonly awayAfter: Milliseconds;
  /** A device in flight for so long no longer holds the others up. */
  readonly slowAfter: Milliseconds;
  /** How often a device that says "done" with the old digest is ordered again. */
  readonly repeats: number;
  /** Pull the image before the order; undefined when nobody can tell whether it is there. */
  readonly prePull?: { readonly atOnce: number; readonly share: number };
  /** Devices that did not come back so long after the start are left out. */
  readonly catchUpDeadline: Milliseconds;
  /**
   * Devices that are unhealthy before: after proof on others, or not at all. `alike`: like all others,
   * for a wave that brings back what ran well.
   */
  readonly unhealthy: 'last' | 'exclude' | 'alike';
  /** By hardware class; `*` for the classes that are not named. */
  readonly preconditions: Readonly<Record<string, Preconditions>>;
  /** What proves a device, by hardware class; `*` for the classes that are not named. */
  readonly health?: Readonly<Record<string, HealthChecks>>;
  /** A check that failed so often in a row has failed. Default: 3. */
  readonly healthFailures?: number;
}

const minute = 60_000;
const hour = 60 * minute;

/** What is done when nothing else is said. docs/waves.md says why. */
export const defaultWavePolicy: WavePolicy = {
  mode: { kind: 'growth' },
  canaries: 1,
  growth: 4,
  approveAfterCanaries: false,
  siteShare: 0.25,
  minAvailable: 0,
  firstSoak: 30 * minute,
  soak: 15 * minute,
  watch: 24 * hour,
  tolerance: 0.02,
  classTolerance: 0.05,
  usualFailureRate: 0,
  confidence: 2.33,
  awayAfter: 10 * minute,
  slowAfter: 30 * minute,
  repeats: 3,
  prePull: { atOnce: 20, share: 0.1 },
  catchUpDeadline: 14 * 24 * hour,
  unhealthy: 'last',
  preconditions: {
    '*': { maxTemperatureC: 85, voltage: true, freeDiskImages: 2 },
  },
};

/** So often a check may fail in a row before the device has failed, where nothing else is said. */
export const usualHealthFailures = 3;

/** The defaults for a fleet: up to twenty devices, or one site, grow at half the speed. */
export function wavePolicyFor(
  devices: readonly { readonly site: string }[],
): WavePolicy {
  const small =
    devices.length <= 20 || new Set(devices.map(({ site }) => site)).size === 1;
  return small ? { ...defaultWavePolicy, growth: 2 } : defaultWavePolicy;
}

/** The failure rates above which evidence speaks against a release. */
export function tolerancesOf(policy: WavePolicy): {
  readonly wave: number;
  readonly hardware: number;
} {
  const wave = Math.max(policy.tolerance, 2 * policy.usualFailureRate);
  return { wave, hardware: Math.max(policy.classTolerance, wave) };
}

/** What is wrong with a policy, in sentences; empty when it can be followed. */
export function wavePolicyProblems(policy: WavePolicy): readonly string[] {
  const problems: string[] = [];
  const expect = (holds: boolean, sentence: string) => {
    if (!holds) problems.push(sentence);
  };
  const share = (value: number) => value >= 0 && value <= 1;
  const whole = (value: number) => Number.isInteger(value) && value >= 1;
  const { mode } = policy;
  expect(whole(policy.canaries), 'canaries must be a whole number from 1.');
  expect(policy.growth > 0, 'growth must be more than 0.');
  expect(share(policy.siteShare), 'siteShare must be between 0 and 1.');
  expect(policy.minAvailable >= 0, 'minAvailable must not be negative.');
  expect(
    policy.maxDown === undefined || whole(policy.maxDown),
    'maxDown must be a whole number from 1.',
  );
  expect(share(policy.tolerance), 'tolerance must be between 0 and 1.');
  expect(share(policy.classTolerance), 'classTolerance must be from 0 to 1.');
  expect(share(policy.usualFailureRate), 'usualFailureRate must be 0 to 1.');
  expect(policy.confidence > 0, 'confidence must be more than 0.');
  for (const span of [
    'firstSoak',
    'soak',
    'watch',
    'awayAfter',
    'slowAfter',
    'catchUpDeadline',
  ] as const)
    expect(policy[span] >= 0, `${span} must not be negative.`);
  if (mode.kind === 'rings') {
    expect(share(mode.provenShare), 'provenShare must be between 0 and 1.');
    for (const ring of mode.rings)
      expect(
        ring.share === undefined || (ring.share > 0 && share(ring.share)),
        `The share of ring ${ring.name} must be above 0, and 1 at most.`,
      );
  }
  return problems;
}
