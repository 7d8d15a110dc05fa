// SPDX-License-Identifier: Apache-2.0
import {
  conditions,
  definition,
  flag,
  integer,
  list,
  object,
  oneOf,
  text,
} from '../../runtime/definitions';
import { imagePolicies, imageRepositories } from './imageObjects';

const unseen = { observedGeneration: -1 };
const image = object({ name: text, tag: text, digest: text }, ['name', 'tag']);
const order = object({ order: { ...oneOf('asc', 'desc'), default: 'asc' } });

/** The kinds of Flux's image reflector, with the fields that are obeyed here. */
export const imageDefinitions: readonly object[] = [
  definition(imageRepositories, {
    schema: object({
      spec: object({ image: text, interval: text, suspend: flag }, [
        'image',
        'interval',
      ]),
      status: {
        ...object({
          observedGeneration: integer,
          conditions,
          canonicalImageName: text,
          lastHandledReconcileAt: text,
          lastScanResult: object({
            scanTime: text,
            tagCount: integer,
            latestTags: list(text),
          }),
        }),
        default: unseen,
      },
    }),
  }),
  definition(imagePolicies, {
    schema: object({
      spec: object(
        {
          imageRepositoryRef: object({ name: text, namespace: text }, ['name']),
          filterTags: object({ pattern: text, extract: text }),
          policy: object({
            semver: object({ range: text }, ['range']),
            alphabetical: order,
            numerical: order,
          }),
          suspend: flag,
        },
        ['imageRepositoryRef', 'policy'],
      ),
      status: {
        ...object({
          observedGeneration: integer,
          conditions,
          lastHandledReconcileAt: text,
          latestRef: image,
          observedPreviousRef: image,
        }),
        default: unseen,
      },
    }),
  }),
];
