// SPDX-License-Identifier: Apache-2.0
import type { User } from '../kinds/ResourceType';
import type { KubeObject } from '../objects';

/** In whose name the server makes its own writes. */
export const serverUser: User = {
  name: 'system:apiserver',
  groups: ['system:masters'],
};

/** A change that takes a finalizer off an object. */
export function withoutFinalizer(
  finalizer: string,
): (object: KubeObject) => KubeObject {
  return ({ metadata, ...rest }) => {
    const { finalizers = [], ...others } = metadata;
    const left = finalizers.filter(one => one !== finalizer);
    return {
      ...rest,
      metadata: { ...others, ...(left.length > 0 && { finalizers: left }) },
    };
  };
}
