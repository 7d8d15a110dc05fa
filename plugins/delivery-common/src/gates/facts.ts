// SPDX-License-Identifier: Apache-2.0
import type { DrillResult } from '../drill/drill';
import type { Known } from './known';
import type { StageObservation } from './observation';
import type { StageDevices } from './stageDevices';

/** What gates look at besides the release, its approvals and the time. */
export interface GateFacts {
  /**
   * By stage name: what was seen of the release there. Not known while the stage's clusters are not
   * live; an undefined value means that it was never seen there.
   */
  readonly stages: Readonly<
    Record<string, Known<StageObservation | undefined>>
  >;
  /** By {@link membershipKey}: whether an approver belongs to the approving group now. */
  readonly members: Readonly<Record<string, Known<boolean>>>;
  /** By stage name: the drills of the service there that are over. */
  readonly drills: Readonly<Record<string, Known<readonly DrillResult[]>>>;
  /**
   * By stage name: the devices there as they are now. Not known while one of its clusters is not live,
   * or before all devices were read.
   */
  readonly devices: Readonly<Record<string, Known<StageDevices>>>;
}

export const noGateFacts: GateFacts = {
  stages: {},
  members: {},
  drills: {},
  devices: {},
};

/** Names the question whether `user` belongs to `group`; both entity refs. */
export function membershipKey(user: string, group: string): string {
  return `${user} in ${group}`;
}
