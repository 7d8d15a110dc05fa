// SPDX-License-Identifier: Apache-2.0
import { parseImage } from '../cluster/parseImage';

/** The tag of an image that no promotion has set yet. No registry has such an image, so its pods only wait. */
export const NOT_RELEASED = 'not-released';

/** Whether one of the images stands for a release that is still to come. */
export function isNotReleased(images: readonly string[]): boolean {
  return images.some(text => {
    const image = parseImage(text);
    return image?.tag === NOT_RELEASED && image.digest === undefined;
  });
}
