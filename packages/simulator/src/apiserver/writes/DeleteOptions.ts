// SPDX-License-Identifier: Apache-2.0
import { isJsonObject, textAt, valueAt } from '../objects';
import type { Json } from '../objects';
import { badRequest } from '../status';

/** What happens to the objects that a deleted one owns. */
export type Propagation = 'Background' | 'Foreground' | 'Orphan';

/** The options of a deletion, from its body or its query. */
export interface DeleteOptions {
  readonly gracePeriodSeconds?: number;
  readonly propagation?: Propagation;
  readonly preconditions?: {
    readonly uid?: string;
    readonly resourceVersion?: string;
  };
  readonly dryRun?: boolean;
}

/**
 * Reads `DeleteOptions`; fields of the body win over the query.
 *
 * @throws ApiError 400 for a policy that does not exist.
 */
export function parseDeleteOptions(
  body: Json | undefined,
  query: URLSearchParams,
): DeleteOptions {
  const field = (name: string) =>
    textAt(body, name) || query.get(name) || undefined;
  const grace = field('gracePeriodSeconds');
  const preconditions = valueAt(body, ['preconditions']);
  const uid = textAt(preconditions, 'uid');
  const resourceVersion = textAt(preconditions, 'resourceVersion');
  return {
    ...(grace !== undefined && { gracePeriodSeconds: Number(grace) }),
    ...propagationOf(field('propagationPolicy'), body),
    ...(isJsonObject(preconditions) && {
      preconditions: {
        ...(uid && { uid }),
        ...(resourceVersion && { resourceVersion }),
      },
    }),
    dryRun: query.has('dryRun') || textAt(body, 'dryRun') !== '',
  };
}

function propagationOf(
  policy: string | undefined,
  body: Json | undefined,
): { propagation?: Propagation } {
  if (policy === undefined) {
    // The field that came before propagationPolicy; old clients still send it.
    const orphan = valueAt(body, ['orphanDependents']);
    if (orphan === undefined) return {};
    return { propagation: orphan === true ? 'Orphan' : 'Background' };
  }
  if (
    policy !== 'Background' &&
    policy !== 'Foreground' &&
    policy !== 'Orphan'
  ) {
    throw badRequest(
      `DeleteOptions is invalid: propagationPolicy: Unsupported value: "${policy}"`,
    );
  }
  return { propagation: policy };
}
