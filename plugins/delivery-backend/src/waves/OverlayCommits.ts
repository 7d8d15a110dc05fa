// SPDX-License-Identifier: Apache-2.0
import {
  PORTAL_ACTOR,
  ringNames,
  targetKey,
  type Promotion,
  type Target,
  type WaveState,
} from '@causeway/plugin-delivery-common';
import type { Actors } from '../audit/Actors';
import type { Clusters } from '../clusters/Clusters';
import type {
  FleetChange,
  FleetRepositories,
} from '../gitops/FleetRepositories';
import { unitOf } from './observeDevices';
import {
  contentsOf,
  saidOfRelease,
  stillWanted,
  type DeclaredOverlays,
  type OverlayStepChange,
  type WaveOverlays,
} from './overlaySteps';

/** So many names stand in the first line of a commit; all are in its trailers. */
const NAMES = 3;

/**
 * Writes to Git what the overlays of a wave's devices, or the overrides of its node groups, shall say: each step is one commit, found again by
 * its name, that changes only what the wave left there.
 */
export class OverlayCommits {
  constructor(
    private readonly outside: {
      readonly fleet: Pick<
        FleetRepositories,
        'changeOverlays' | 'overlayImages'
      >;
      readonly clusters: Pick<Clusters, 'requestReconcile'>;
      readonly actors: Actors;
    },
  ) {}

  /** What the overlays of all devices declare now. @throws errors like {@link FleetRepositories} */
  async read(
    promotion: Promotion,
    signal: AbortSignal,
  ): Promise<DeclaredOverlays> {
    const { fleet, targets } = promotion.declaration;
    const to = saidOfRelease(promotion);
    const declared = await this.outside.fleet.overlayImages(
      fleet,
      targets.map(target => ({ target, to })),
      signal,
    );
    return byDevice(declared, targets);
  }

  /**
   * Writes the newest step, without what is no longer wanted. Returns the commit, and what the overlays
   * of the step declare in it.
   * @throws errors like {@link FleetRepositories.changeOverlays}
   */
  async write(
    promotion: Promotion,
    overlays: WaveOverlays,
    state: WaveState,
    signal: AbortSignal,
  ): Promise<{ readonly sha: string; readonly says: DeclaredOverlays }> {
    const { fleet, actors } = this.outside;
    const wanted = stillWanted(overlays, state);
    const release = saidOfRelease(promotion);
    const edits = overlays.changes.flatMap(change => {
      const target = targetOf(promotion, change.device);
      const overlay = overlays.devices[change.device];
      if (!target || !overlay) return [];
      const { from, to } = contentsOf(overlay, change.wants, release);
      // What is no longer wanted stays, and is looked at all the same.
      return [{ target, from: wanted.includes(change) ? from : to, to }];
    });
    const { sha, says } = await fleet.changeOverlays(
      {
        location: promotion.declaration.fleet,
        promotion: stepName(promotion, overlays),
        overlays: edits,
        author: await actors.describe(PORTAL_ACTOR),
        ...messageOf(promotion, state, wanted),
      },
      signal,
    );
    return { sha, says: byDevice(says, promotion.declaration.targets) };
  }

  /** Returns what kept Flux from being asked about the newest step. It looks by itself, too. */
  async askFlux(
    promotion: Promotion,
    overlays: WaveOverlays,
    signal: AbortSignal,
  ): Promise<readonly string[]> {
    const behalf = { actor: PORTAL_ACTOR, promotion: promotion.id };
    const targets = new Map(
      overlays.changes.flatMap(({ device }) => {
        const target = targetOf(promotion, device);
        // Node groups share a Kustomization, which is asked once.
        return target ? [[kustomizationOf(target), target] as const] : [];
      }),
    );
    const outcomes = await Promise.allSettled(
      [...targets.values()].map(async target => {
        await this.outside.clusters.requestReconcile(
          target,
          stepName(promotion, overlays),
          behalf,
          signal,
        );
      }),
    );
    return outcomes.flatMap(outcome =>
      outcome.status === 'rejected' ? [String(outcome.reason)] : [],
    );
  }
}

function messageOf(
  { id, service, stage, release }: Promotion,
  state: WaveState,
  changes: readonly OverlayStepChange[],
): Pick<FleetChange, 'subject' | 'trailers'> {
  const name = service.slice(service.lastIndexOf('/') + 1);
  const given = devicesOf(changes, 'release');
  const back = devicesOf(changes, 'before');
  const what = `${name} ${release.version}`;
  const parts = [
    ...(given.length > 0 ? [`give ${what} to ${shortList(given)}`] : []),
    ...(back.length > 0 ? [`put ${shortList(back)} back from ${what}`] : []),
  ];
  const said = parts.join(', ') || `change no device`;
  return {
    subject: `Wave in ${stage}: ${said}`,
    trailers: [
      ['Release', release.version],
      ['Stage', stage],
      ['Wave', id],
      ...ringsOf(state, given).map(ring => ['Ring', ring] as const),
      ...(given.length > 0 ? [['Devices', given.join(', ')] as const] : []),
      ...(back.length > 0 ? [['Put-Back', back.join(', ')] as const] : []),
    ],
  };
}

function devicesOf(
  changes: readonly OverlayStepChange[],
  wants: OverlayStepChange['wants'],
): readonly string[] {
  return changes
    .filter(change => change.wants === wants)
    .map(({ device }) => device);
}

function ringsOf(
  { policy, devices }: WaveState,
  given: readonly string[],
): readonly string[] {
  if (policy.mode.kind !== 'rings') return [];
  const names = ringNames(policy);
  const rings = devices
    .filter(({ device }) => given.includes(device.id))
    .map(({ ring }) => names[ring]);
  return [...new Set(rings)];
}

function shortList(names: readonly string[]): string {
  const more = names.length - NAMES;
  const shown = names.slice(0, NAMES).join(', ');
  return more > 0 ? `${shown} and ${more} more` : shown;
}

function targetOf(
  { declaration }: Promotion,
  device: string,
): Target | undefined {
  return declaration.targets.find(target => unitOf(target) === device);
}

function kustomizationOf({ cluster, kustomization }: Target): string {
  return `${cluster}/${kustomization.namespace}/${kustomization.name}`;
}

function byDevice(
  declared: Awaited<ReturnType<FleetRepositories['overlayImages']>>,
  targets: readonly Target[],
): DeclaredOverlays {
  return new Map(
    targets.flatMap(target => {
      const device = unitOf(target);
      const reading = declared.get(targetKey(target));
      return device && reading ? [[device, reading] as const] : [];
    }),
  );
}

/** Names a step's commit in Git. */
function stepName(
  { id }: Pick<Promotion, 'id'>,
  { step }: WaveOverlays,
): string {
  return `${id}.${step}`;
}
