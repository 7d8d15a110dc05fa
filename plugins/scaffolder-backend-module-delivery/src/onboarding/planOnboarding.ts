// SPDX-License-Identifier: Apache-2.0
import {
  placesOf,
  serviceFolder,
  type Conflict,
  type Files,
  type Onboarding,
  type OnboardingPlan,
  type Place,
  type Step,
} from './Onboarding';
import { planBase } from './planBase';
import { planCanary } from './planCanary';
import { planKustomization, planListing, planNamespace } from './planCluster';
import { planOverlay } from './planOverlay';

/** In this order: each looks at what those before have written. */
const perPlace: readonly ((
  files: Files,
  onboarding: Onboarding,
  place: Place,
) => Step)[] = [
  planOverlay,
  planCanary,
  planNamespace,
  planKustomization,
  planListing,
];

/**
 * What must change in the fleet repository so that a service is deployed from it. Nothing, where it
 * is already; what people wrote stays as they wrote it, and what contradicts the pipeline is refused
 * before anything is written. Only files of the service itself change, and the lists of clusters and
 * namespaces by additions that do not depend on their order.
 */
export function planOnboarding(
  files: Files,
  onboarding: Onboarding,
): OnboardingPlan {
  const draft = new Map(files);
  const kept = new Set<string>();
  const notes = new Set<string>();
  const conflicts: Conflict[] = [];
  const take = (step: Step) => {
    step.writes?.forEach(({ path, content }) => draft.set(path, content));
    step.kept?.forEach(path => kept.add(path));
    step.notes?.forEach(note => notes.add(note));
    conflicts.push(...(step.conflicts ?? []));
  };
  const places = placesOf(onboarding);
  take(planDocument(files, onboarding));
  if (places.length > 0) take(planBase(draft, onboarding));
  for (const place of places) {
    for (const plan of perPlace) take(plan(draft, onboarding, place));
  }
  if (conflicts.length > 0) return { kind: 'refused', conflicts };
  return {
    kind: 'planned',
    changes: [...draft]
      .filter(([path, content]) => files.get(path) !== content)
      .map(([path, content]) => ({ path, content }))
      .sort((left, right) => (left.path < right.path ? -1 : 1)),
    kept: [...kept].filter(path => files.get(path) === draft.get(path)).sort(),
    notes: [...notes],
  };
}

/** Where the pipeline document of a service is kept that has none in its own repository. */
export function pipelinePath(service: string): string {
  return `${serviceFolder(service)}/delivery.yaml`;
}

function planDocument(files: Files, { service, document }: Onboarding): Step {
  const path = pipelinePath(service);
  if (document === undefined || files.get(path) === document) return {};
  return { writes: [{ path, content: document }] };
}
