// SPDX-License-Identifier: Apache-2.0
import { describeWorkload } from './describeWorkload';
import {
  conditionOf,
  type ObservedDeployment,
  type ObservedJob,
  type ObservedService,
} from './observed';
import type { WorkloadState } from './targetState';

/** The two places of a blue/green target. Only one of them gets requests. */
export type Colour = 'blue' | 'green';

export const colours: readonly Colour[] = ['blue', 'green'];

export function otherColour(colour: Colour): Colour {
  return colour === 'blue' ? 'green' : 'blue';
}

/** Name of the Deployment of a colour. */
export function colouredName(name: string, colour: Colour): string {
  return `${name}-${colour}`;
}

/** How a Job that tries a colour went. */
export interface SmokeTestState {
  readonly state: 'running' | 'passed' | 'failed';
  /** What the cluster says about a failure. */
  readonly message?: string;
}

/** Name of the Job that tries a colour for one promotion, so that no other run counts for it. */
export function smokeTestName(
  name: string,
  promotion: string,
  colour: Colour,
): string {
  return colouredName(`${name}-${shortOf(promotion)}`, colour);
}

/** What a promotion adds to the name of a Job. */
export function shortOf(promotion: string): string {
  return promotion
    .toLowerCase()
    .replace(/[^a-z0-9]/g, '')
    .slice(0, 12);
}

export function describeJob({ conditions }: ObservedJob): SmokeTestState {
  const isTrue = (type: string) =>
    conditionOf({ conditions }, type)?.status === 'True';
  if (isTrue('Complete')) return { state: 'passed' };
  if (!isTrue('Failed')) return { state: 'running' };
  const { message } = conditionOf({ conditions }, 'Failed') ?? {};
  return { state: 'failed', ...(message && { message }) };
}

/** What a cluster shows of a blue/green target: two Deployments and the Service before them. */
export interface ColoursState {
  /** The colour whose pods the Service in the cluster selects; undefined when that is not exactly one. */
  readonly live?: Colour;
  /** Why no colour is live. */
  readonly problem?: string;
  readonly blue: WorkloadState;
  readonly green: WorkloadState;
  /** By name of the Job. */
  readonly smokeTests?: Readonly<Record<string, SmokeTestState>>;
}

/**
 * Reads which colour is live from the cluster alone: a Service selects a colour when every label of
 * its selector stands on the pods of that colour's Deployment, as Kubernetes itself decides it.
 *
 * @param name - of the Service; its Deployments are `<name>-blue` and `<name>-green`
 */
export function describeColours(
  name: string,
  seen: {
    readonly service: ObservedService | undefined;
    readonly blue: ObservedDeployment | undefined;
    readonly green: ObservedDeployment | undefined;
  },
): ColoursState {
  const { service } = seen;
  const selected = colours.filter(
    colour => service && selects(service, seen[colour]),
  );
  const states = {
    blue: describeWorkload(seen.blue),
    green: describeWorkload(seen.green),
  };
  if (selected.length === 1) return { live: selected[0], ...states };
  return { problem: sayWhy(name, service, selected), ...states };
}

function selects(
  { selector }: ObservedService,
  deployment: ObservedDeployment | undefined,
): boolean {
  const labels = deployment?.podLabels ?? {};
  const wanted = Object.entries(selector);
  return (
    wanted.length > 0 && wanted.every(([key, value]) => labels[key] === value)
  );
}

function sayWhy(
  name: string,
  service: ObservedService | undefined,
  selected: readonly Colour[],
): string {
  if (!service) return `The cluster has no Service ${name}.`;
  const names = colours.map(colour => colouredName(name, colour));
  return selected.length > 1
    ? `Service ${name} selects the pods of both ${names.join(' and ')}.`
    : `Service ${name} selects the pods of neither ${names.join(' nor ')}.`;
}
