// SPDX-License-Identifier: Apache-2.0
import type {
  ObservedLease,
  ObservedNode,
  ObservedNodeCondition,
} from '@causeway/plugin-delivery-common';
import { listIn, numberIn, recordIn, textIn } from '../clusters/fields';
import { trimClusterIdentity, trimIdentity } from '../clusters/trim';
import { share } from './internText';
import { quarantineReason } from './quarantineReason';

/** Labels are for people and filters; a value longer than Kubernetes allows is not from Kubernetes. */
const longestLabel = 63;
/** Annotations and messages are cut to what a page shows. */
const longestText = 500;

/** Of a Node that is kept from being updated: why, and by whom where that was the action Pin. */
export const holdAnnotation = 'causeway.dev/hold';
export const pinAnnotation = 'causeway.dev/pinned';

/** Keeps what we need of a Node. How often it is confirmed is dropped, so that heartbeats change nothing. */
export function trimNode(object: unknown): ObservedNode | undefined {
  const identity = trimClusterIdentity(object);
  if (!identity) return undefined;
  const metadata = recordIn(object, 'metadata');
  const annotations = recordIn(metadata, 'annotations');
  const spec = recordIn(object, 'spec');
  const status = recordIn(object, 'status');
  const info = recordIn(status, 'nodeInfo');
  return {
    ...identity,
    labels: trimLabels(recordIn(metadata, 'labels')),
    coordinates: cut(textIn(annotations, 'causeway.dev/coordinates')),
    siteName: share(cut(textIn(annotations, 'causeway.dev/site-title'))),
    heldBecause: cut(textIn(annotations, holdAnnotation)),
    pinMark: textIn(annotations, pinAnnotation)?.slice(0, 2 * longestText),
    unschedulable: spec?.unschedulable === true,
    quarantine: cut(quarantineReason(object)),
    conditions: trimNodeConditions(status),
    version: share(cut(textIn(info, 'kubeletVersion'))),
    architecture: share(cut(textIn(info, 'architecture'))),
    systemImage: share(cut(textIn(info, 'osImage'))),
    kernel: share(cut(textIn(info, 'kernelVersion'))),
    bootId: cut(textIn(info, 'bootID')) || undefined,
    runtime: share(cut(textIn(info, 'containerRuntimeVersion'))),
    graphicsProcessors: trimGraphics(status),
    imageDigests: trimImageDigests(status),
  };
}

/** Keeps what we need of a Lease. */
export function trimLease(object: unknown): ObservedLease | undefined {
  const identity = trimIdentity(object);
  if (!identity) return undefined;
  const spec = recordIn(object, 'spec');
  const renewedAt = Date.parse(textIn(spec, 'renewTime') ?? '');
  const seconds = numberIn(spec, 'leaseDurationSeconds');
  return {
    ...identity,
    ...(Number.isFinite(renewedAt) && { renewedAt }),
    ...(seconds !== undefined && seconds > 0 && { duration: seconds * 1000 }),
  };
}

function trimLabels(
  labels: Readonly<Record<string, unknown>> | undefined,
): Readonly<Record<string, string>> {
  return Object.fromEntries(
    Object.entries(labels ?? {}).flatMap(([key, value]) =>
      typeof value === 'string' && value.length <= longestLabel
        ? [[key, share(value)]]
        : [],
    ),
  );
}

function trimNodeConditions(status: unknown): readonly ObservedNodeCondition[] {
  return listIn(status, 'conditions').flatMap(condition => {
    const type = textIn(condition, 'type');
    const state = textIn(condition, 'status');
    const isState =
      state === 'True' || state === 'False' || state === 'Unknown';
    if (!type || !isState) return [];
    return {
      type: share(type),
      status: state,
      reason: share(cut(textIn(condition, 'reason'))),
      message: share(cut(textIn(condition, 'message'))),
      since: textIn(condition, 'lastTransitionTime'),
    };
  });
}

function trimGraphics(status: unknown): number | undefined {
  const text = textIn(recordIn(status, 'allocatable'), 'nvidia.com/gpu');
  const count = Number(text ?? NaN);
  return Number.isSafeInteger(count) ? count : undefined;
}

function trimImageDigests(status: unknown): readonly string[] | undefined {
  const images = listIn(status, 'images');
  if (images.length === 0) return undefined;
  const digests = images
    .flatMap(image => listIn(image, 'names'))
    .flatMap(name =>
      typeof name === 'string'
        ? /@(sha256:[0-9a-f]{64})$/.exec(name) ?? []
        : [],
    )
    .filter(text => text.startsWith('sha256:'));
  return [...new Set(digests)].map(digest => share(digest));
}

function cut(text: string | undefined): string | undefined {
  return text?.slice(0, longestText);
}
