// SPDX-License-Identifier: Apache-2.0
import { parseImage } from '../cluster/parseImage';
import type { ReleaseImage } from '../release/release';

/** Every image of the release that a pod template uses has the release's digest, and it uses one. */
export function declares(
  used: readonly string[],
  wanted: readonly ReleaseImage[],
): boolean {
  const pairs = used.flatMap(text => {
    const image = parseImage(text);
    const release = wanted.find(({ name }) => name === image?.name);
    return image && release ? [image.digest === release.digest] : [];
  });
  return pairs.length > 0 && pairs.every(same => same);
}
