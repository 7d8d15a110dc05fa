// SPDX-License-Identifier: Apache-2.0
import { sayDuration } from '../gates/sayDuration';
import type { AxisStates } from '../fleet/device';
import type { Drill, DrillDevice, DrillPolicy } from './drill';
import type { DrillKind } from './drillKind';

/** Why something may not be done. */
export interface DrillRefusal {
  /** Stable, for example `deviceAway`, `siteShare`. */
  readonly code: string;
  /** A sentence for people. */
  readonly message: string;
}

/** A device of a stage as it is now. */
export interface DrillCandidate extends DrillDevice {
  /** What people call its site. */
  readonly siteName?: string;
  /** What people call its hardware. */
  readonly hardwareName?: string;
  readonly axes: Pick<
    AxisStates,
    'connectivity' | 'health' | 'applications' | 'update' | 'isolation'
  >;
  /** Release of the service that runs there; undefined when nothing known does. */
  readonly release?: { readonly id: string; readonly version: string };
  /** It is part of a drill that is under way at its site. */
  readonly busy?: boolean;
}

/** Why a device may not be drilled now; undefined when it may. */
export function whyNotDevice(
  kind: DrillKind,
  policy: DrillPolicy,
  device: DrillCandidate,
): DrillRefusal | undefined {
  const { axes, site } = device;
  const refuse = (code: string, message: string) => ({ code, message });
  if (policy.sites && !(site !== undefined && policy.sites.includes(site))) {
    const sites = policy.sites.join(', ');
    return refuse('otherSite', `Drills are for devices at ${sites} only.`);
  }
  if (kind.hardware && !kind.hardware.includes(device.hardware ?? '')) {
    return refuse('otherHardware', 'It means nothing for this hardware.');
  }
  if (axes.connectivity !== 'live') {
    return refuse('deviceAway', 'It is away already.');
  }
  if (axes.health !== 'ok') {
    return refuse('deviceUnhealthy', 'It is not healthy now.');
  }
  if (axes.isolation !== 'none') {
    return refuse('deviceIsolated', `It is ${axes.isolation}.`);
  }
  if (!device.release) {
    return refuse('noRelease', 'No known release of the service runs there.');
  }
  if (axes.update === 'updating') {
    return refuse('deviceUpdating', 'It is being updated.');
  }
  if (axes.applications !== 'healthy') {
    return refuse('appsUnhealthy', 'Not all that should run there does.');
  }
  return device.busy
    ? refuse('siteBusy', 'A drill is under way at its site.')
    : undefined;
}

/** How many devices of a site may be under a drill or away at once: one at least. */
export function siteBudget(policy: DrillPolicy, total: number): number {
  return Math.max(1, Math.floor(policy.siteShare * total));
}

/**
 * Every reason why a drill may not begin with these devices; none when it may.
 * @param candidates - all devices of the stage
 * @param chosen - ids among them
 */
export function whyNotDrill(
  kind: DrillKind,
  policy: DrillPolicy,
  candidates: readonly DrillCandidate[],
  chosen: readonly string[],
): readonly DrillRefusal[] {
  const wanted = new Set(chosen);
  const devices = candidates.filter(({ id }) => wanted.has(id));
  const refusals: DrillRefusal[] = [];
  if (wanted.size === 0) {
    refusals.push({ code: 'noDevice', message: 'Choose at least one device.' });
  }
  const known = new Set(devices.map(({ id }) => id));
  for (const id of wanted) {
    if (known.has(id)) continue;
    const message = `${id} is no device of this stage.`;
    refusals.push({ code: 'unknownDevice', message });
  }
  for (const device of devices) {
    const why = whyNotDevice(kind, policy, device);
    if (why) {
      refusals.push({ ...why, message: `${device.name}: ${why.message}` });
    }
  }
  const versions = new Set(devices.flatMap(({ release }) => release ?? []));
  if (new Set([...versions].map(({ id }) => id)).size > 1) {
    refusals.push({
      code: 'differentReleases',
      message:
        'The devices do not run the same release, so it would not be clear which one was tried.',
    });
  }
  refusals.push(...crowdedSites(policy, candidates, wanted));
  const longest = kind.duration + kind.recovery;
  if (longest > policy.longest) {
    refusals.push({
      code: 'tooLong',
      message: `It may take ${sayDuration(
        longest,
      )}, and drills of this stage may take ${sayDuration(policy.longest)}.`,
    });
  }
  return refusals;
}

function crowdedSites(
  policy: DrillPolicy,
  candidates: readonly DrillCandidate[],
  wanted: ReadonlySet<string>,
): readonly DrillRefusal[] {
  return [...new Set(candidates.map(siteKey))].flatMap(key => {
    const there = candidates.filter(device => siteKey(device) === key);
    const chosen = there.filter(({ id }) => wanted.has(id)).length;
    if (chosen === 0) return [];
    const away = there.filter(
      ({ id, axes }) => !wanted.has(id) && axes.connectivity !== 'live',
    ).length;
    const budget = siteBudget(policy, there.length);
    if (chosen + away <= budget) return [];
    const gone = away > 0 ? `, and ${away} away already` : '';
    return {
      code: 'siteShare',
      message: `At ${
        there[0].site ?? there[0].cluster
      } no more than ${budget} of ${
        there.length
      } devices may be drilled or away at once; ${chosen} chosen${gone}.`,
    };
  });
}

/** Sites are named in their clusters. */
export function siteKey({
  cluster,
  site,
}: Pick<DrillDevice, 'cluster' | 'site'>): string {
  return site === undefined ? cluster : `${cluster}/${site}`;
}

/** Why a person may not abort a drill. */
export function whyNotAbort({
  phase,
  abort,
}: Pick<Drill, 'phase' | 'abort'>): DrillRefusal | undefined {
  if (phase === 'over') return { code: 'isOver', message: 'It is over.' };
  return (
    abort && { code: 'isAborted', message: 'It is being aborted already.' }
  );
}

/** Why a person may not sign a drill off, or send it back. */
export function whyNotSign(
  {
    order,
    phase,
    verdict,
    signature,
  }: Pick<Drill, 'order' | 'phase' | 'verdict' | 'signature'>,
  actor: string,
): DrillRefusal | undefined {
  if (phase !== 'over') {
    return { code: 'notOver', message: 'It is still under way.' };
  }
  if (verdict !== 'passed') {
    return {
      code: 'notPassed',
      message:
        'Only a drill that passed can be signed off. Find out why it did not, and run it again.',
    };
  }
  if (signature) {
    return { code: 'isSigned', message: 'Somebody has decided about it.' };
  }
  return order.requestedBy === actor
    ? {
        code: 'ownDrill',
        message: 'Somebody else has to look at a drill that you have started.',
      }
    : undefined;
}
