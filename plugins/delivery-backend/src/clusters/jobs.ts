// SPDX-License-Identifier: Apache-2.0
import { listIn, recordIn, textIn } from './fields';

/** Path of the Jobs of a namespace. */
export function jobsIn(namespace: string): string {
  return `/apis/batch/v1/namespaces/${encodeURIComponent(namespace)}/jobs`;
}

/** A condition of a Job, when it is true. */
export function jobCondition(
  job: unknown,
  type: 'Complete' | 'Failed',
): unknown {
  return listIn(recordIn(job, 'status'), 'conditions').find(
    each => textIn(each, 'type') === type && textIn(each, 'status') === 'True',
  );
}
