// SPDX-License-Identifier: Apache-2.0
import {
  areNodeGroups,
  wantedImages,
  type DeviceInWave,
  type Promotion,
  type WaveCommand,
  type WaveState,
} from '@causeway/plugin-delivery-common';
import type {
  DeclaredImage,
  OverlayReading,
} from '../gitops/FleetRepositories';
import { saysSame } from '../gitops/planOverlays';

type Content = 'before' | 'release';

/** The overlay of one device, or the override of one node group, as the wave left it. */
export interface DeviceOverlay {
  /** What it declared when the wave began. */
  readonly before: readonly DeclaredImage[];
  readonly says: Content;
  /** Why it belongs to somebody else; then the wave leaves it alone. */
  readonly taken?: string;
}

/** What one step does to the overlay of a device. */
export interface OverlayStepChange {
  readonly device: string;
  readonly wants: Content;
}

/** The overlays of a wave's devices, by device, with the newest step. */
export interface WaveOverlays {
  readonly devices: Readonly<Record<string, DeviceOverlay>>;
  /** Counts the commits after the promotion's own. */
  readonly step: number;
  /** What the newest step is to change, all in one commit. */
  readonly changes: readonly OverlayStepChange[];
  /** The commit of the newest step, once it is written. */
  readonly sha?: string;
  /** Flux was asked to apply it. */
  readonly asked?: true;
}

/** What Git declares now, by device. */
export type DeclaredOverlays = ReadonlyMap<string, OverlayReading>;

/**
 * What Git says of the release where a device has it. Of a node group it says no tags: KubeEdge reads a tag
 * or a digest, and only a digest is what was released.
 */
export function saidOfRelease(
  promotion: Pick<Promotion, 'release' | 'declaration'>,
): readonly DeclaredImage[] {
  const wanted = wantedImages(promotion);
  return areNodeGroups(promotion.declaration.targets)
    ? wanted.map(({ name, digest }) => ({ name, digest }))
    : wanted;
}

/**
 * The overlays after a look at Git: what is there at the beginning is what devices are taken back to,
 * and what is otherwise than the wave left it belongs to somebody else.
 */
export function compareOverlays(
  known: WaveOverlays | undefined,
  devices: readonly string[],
  git: DeclaredOverlays,
  release: readonly DeclaredImage[],
): WaveOverlays {
  const { step = 0, changes = [] } = known ?? {};
  const underWay = isWritten(known) ? [] : changes;
  const compared = devices.map((device): [string, DeviceOverlay] => {
    const overlay = known?.devices[device];
    const reading = git.get(device);
    if (!overlay) return [device, atBeginning(reading, release)];
    const isChanging = underWay.some(change => change.device === device);
    return [
      device,
      isChanging || overlay.taken
        ? overlay
        : compare(overlay, reading, release),
    ];
  });
  return { step, changes, ...known, devices: Object.fromEntries(compared) };
}

/** The step that follows from where the devices are; the same while one is under way or none is needed. */
export function nextStep(
  overlays: WaveOverlays,
  state: WaveState,
  release: readonly DeclaredImage[],
): WaveOverlays {
  if (!isWritten(overlays)) return overlays;
  const changes = state.devices.flatMap((entry): OverlayStepChange[] => {
    const overlay = overlays.devices[entry.device.id];
    const wants = wantedFor(entry);
    const isOpen = overlay && !overlay.taken && wants !== overlay.says;
    if (!isOpen || !wants) return [];
    const isSame = saysSame(overlay.before, release, release);
    const isPossible =
      wants === 'release' || isComplete(overlay.before, release);
    return isSame || !isPossible ? [] : [{ device: entry.device.id, wants }];
  });
  if (changes.length === 0) return overlays;
  const { devices, step } = overlays;
  return { devices, step: step + 1, changes };
}

/** The changes of a step that are still wanted, since its devices may have moved on before it is written. */
export function stillWanted(
  { changes }: WaveOverlays,
  state: WaveState,
): readonly OverlayStepChange[] {
  return changes.filter(({ device, wants }) => {
    const entry = state.devices.find(each => each.device.id === device);
    return entry && wantedFor(entry) === wants;
  });
}

/** The overlays after a step was written: what its commit says is what the wave left there. */
export function settle(
  overlays: WaveOverlays,
  sha: string,
  written: DeclaredOverlays,
  release: readonly DeclaredImage[],
): WaveOverlays {
  const settled = overlays.changes.map(
    ({ device }): [string, DeviceOverlay] => {
      const overlay = overlays.devices[device];
      const reading = written.get(device);
      const says: Content =
        reading?.images && saysSame(reading.images, release, release)
          ? 'release'
          : 'before';
      return [device, compare({ ...overlay, says }, reading, release)];
    },
  );
  return {
    ...overlays,
    devices: { ...overlays.devices, ...Object.fromEntries(settled) },
    sha,
  };
}

/** What the wave has to know of overlays that belong to somebody else. */
export function exclusionsOf(overlays: WaveOverlays): readonly WaveCommand[] {
  return Object.entries(overlays.devices).flatMap(
    ([device, { taken }]): readonly WaveCommand[] =>
      taken ? [{ kind: 'exclude', device, reason: taken }] : [],
  );
}

/** Whether a device can be taken back by its overlay. One that belongs to somebody else need not be. */
export function canGoBack(
  overlay: DeviceOverlay | undefined,
  release: readonly DeclaredImage[],
): boolean {
  if (!overlay) return false;
  const { before, taken } = overlay;
  return (
    taken !== undefined ||
    (isComplete(before, release) && !saysSame(before, release, release))
  );
}

/** Nothing of the newest step is left to be written. */
export function isWritten(overlays: WaveOverlays | undefined): boolean {
  return (
    !overlays || overlays.changes.length === 0 || overlays.sha !== undefined
  );
}

/** What the overlay of a device shall say; undefined: what it says. */
function wantedFor({
  progress,
  device,
  gone,
}: DeviceInWave): Content | undefined {
  switch (progress.phase) {
    case 'waiting':
    case 'takingBack':
    case 'takenBack':
      return 'before';
    case 'inFlight':
      // One that is away gets nothing until it is back, or its order is withdrawn.
      return device.connected && gone === undefined ? 'release' : undefined;
    case 'soaking':
    case 'proven':
      return 'release';
    default:
      return undefined;
  }
}

function atBeginning(
  reading: OverlayReading | undefined,
  release: readonly DeclaredImage[],
): DeviceOverlay {
  if (!reading?.images)
    return {
      before: [],
      says: 'before',
      taken: `Its overlay is missing in Git, or cannot be edited safely. ${
        reading?.problem ?? ''
      }`.trim(),
    };
  const names = release.map(({ name }) => name);
  return {
    before: reading.images.filter(({ name }) => names.includes(name)),
    says: 'before',
  };
}

function compare(
  overlay: DeviceOverlay,
  { images }: Partial<OverlayReading> = {},
  release: readonly DeclaredImage[],
): DeviceOverlay {
  const left = overlay.says === 'release' ? release : overlay.before;
  if (images && saysSame(images, left, release)) return overlay;
  return {
    ...overlay,
    taken: images
      ? 'Somebody else changed its overlay in Git.'
      : 'Somebody else took its overlay away, or wrote it so that it cannot be edited.',
  };
}

/** Only what says as much of its images as Git says of the release can be written back. */
function isComplete(
  before: readonly DeclaredImage[],
  release: readonly DeclaredImage[],
): boolean {
  return release.every(({ name, tag }) =>
    before.some(
      image =>
        image.name === name && image.digest && (image.tag || tag === undefined),
    ),
  );
}

/** What the overlay of a device says now, and what a change makes it say. */
export function contentsOf(
  { before, says }: DeviceOverlay,
  wants: Content,
  release: readonly DeclaredImage[],
): {
  readonly from: readonly DeclaredImage[];
  readonly to: readonly DeclaredImage[];
} {
  const back = isComplete(before, release) ? before : release;
  return {
    from: says === 'release' ? release : before,
    to: wants === 'release' ? release : back,
  };
}
