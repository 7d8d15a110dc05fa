// SPDX-License-Identifier: Apache-2.0
import { bareTemplate, canonicalJson } from './templateHash';
import { ControllerRevision, DaemonSet, PodTemplate } from './workloads';

/** What to do about the revisions of a workload now. */
export interface RevisionPlan {
  /** The revision of the present template; to be made when undefined. */
  readonly current: ControllerRevision | undefined;
  /** The number that the present revision should have. */
  readonly number: number;
  /** Revisions beyond the history limit that no pod is of any more. */
  readonly obsolete: readonly ControllerRevision[];
}

/** What a revision keeps of a workload: a patch that brings its template back. */
export function revisionData(template: PodTemplate): {
  readonly spec: { readonly template: PodTemplate };
} {
  const replacement = { ...template, $patch: 'replace' };
  return { spec: { template: replacement } };
}

function isOf(template: PodTemplate) {
  const wanted = canonicalJson(revisionData(bareTemplate(template)));
  return ({ data }: ControllerRevision) => {
    const kept = data?.spec?.template;
    return (
      kept !== undefined &&
      canonicalJson(revisionData(bareTemplate(kept))) === wanted
    );
  };
}

/**
 * Which revision a daemon set is at, and which are to be forgotten.
 *
 * @param isAlive whether pods of a revision are left.
 */
export function planRevisions(
  { spec }: DaemonSet,
  owned: readonly ControllerRevision[],
  isAlive: (revision: ControllerRevision) => boolean,
): RevisionPlan {
  const byNumber = [...owned].sort((a, b) => a.revision - b.revision);
  const matching = byNumber.filter(isOf(spec.template));
  const current = matching[matching.length - 1];
  const old = byNumber.filter(revision => revision !== current);
  const surplus = Math.max(0, old.length - (spec.revisionHistoryLimit ?? 10));
  const number = Math.max(0, ...old.map(({ revision }) => revision)) + 1;
  return {
    current,
    number: Math.max(number, current?.revision ?? 0),
    obsolete: old.filter(one => !isAlive(one)).slice(0, surplus),
  };
}
