// SPDX-License-Identifier: Apache-2.0
import { normalizeRepository } from '@causeway/plugin-delivery-node';

/** Whether the source location of a service lies in a repository. */
export function livesIn(
  source: string | undefined,
  repository: string,
): boolean {
  const place = source && normalizeRepository(source);
  const whole = normalizeRepository(repository);
  return place === whole || (place?.startsWith(`${whole}/`) ?? false);
}
