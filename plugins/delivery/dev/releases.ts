// SPDX-License-Identifier: Apache-2.0
import type { ReleaseRef } from '@causeway/plugin-delivery-common';

const FORGE = 'https://forge.example/norden/parcel-vision/commit';

function release(version: string, commit: string, message: string) {
  return {
    id: `parcel-vision-${version}`,
    version,
    commit,
    message,
    url: `${FORGE}/${commit}`,
  } satisfies ReleaseRef;
}

/** Releases of parcel-vision in the sample story. */
export const releases = {
  '2.8.1': release('2.8.1', 'a91e2d7', 'Fix label rotation on belt 4'),
  '2.8.0': release('2.8.0', '4f1c9ae', 'Model v14, batched inference'),
  '2.7.4': release('2.7.4', '0c77be1', 'Cache warm-up'),
  '2.7.3': release('2.7.3', '9d20f4b', 'Offline queue survives power loss'),
  '2.7.2': release('2.7.2', '77aa01c', 'Sharper barcodes in low light'),
};
