// SPDX-License-Identifier: Apache-2.0
import { parseImage } from '../cluster/parseImage';
import type { TargetState } from '../cluster/targetState';
import type { Release } from '../release/release';

/** What a target runs, as far as its images say. */
export type Running =
  | {
      readonly kind: 'release';
      readonly release: Release;
      readonly digest: string;
    }
  /** The digest (or its absence) belongs to no release we know. */
  | {
      readonly kind: 'unrecognised';
      readonly tag?: string;
      readonly digest?: string;
    }
  /** No workload, or none of the service's images in it. */
  | { readonly kind: 'nothing' };

/**
 * Names what runs by the digest in the workload's template; a tag is shown but never believed,
 * because it can be moved. With several images all must belong to the same release.
 */
export function runningIn(
  target: TargetState,
  images: readonly string[],
  byDigest: ReadonlyMap<string, Release>,
): Running {
  const used = (target.workload?.images ?? []).flatMap(text => {
    const image = parseImage(text);
    return image && images.includes(image.name) ? [image] : [];
  });
  if (used.length === 0) return { kind: 'nothing' };
  const releases = used.map(
    image => image.digest !== undefined && byDigest.get(image.digest),
  );
  const [first] = releases;
  const { tag, digest } = used[0];
  if (
    first &&
    digest &&
    releases.every(other => other && other.id === first.id)
  ) {
    return { kind: 'release', release: first, digest };
  }
  return {
    kind: 'unrecognised',
    ...(tag && { tag }),
    ...(digest && { digest }),
  };
}

/** The release that every target runs, when it is the same. */
export function commonRelease(
  running: readonly Running[],
): Release | undefined {
  const [first] = running;
  if (first?.kind !== 'release') return undefined;
  return running.every(
    other => other.kind === 'release' && other.release.id === first.release.id,
  )
    ? first.release
    : undefined;
}

/** The digests of the service's images that run in the targets. */
export function digestsIn(
  targets: readonly TargetState[],
  images: readonly string[],
): readonly string[] {
  const digests = targets.flatMap(target =>
    (target.workload?.images ?? []).flatMap(text => {
      const image = parseImage(text);
      return image?.digest && images.includes(image.name) ? [image.digest] : [];
    }),
  );
  return Array.from(new Set(digests));
}
