// SPDX-License-Identifier: Apache-2.0
import type { Promotion } from '@causeway/plugin-delivery-common';
import { sayNotPermitted, type Admission, type Caller } from './Admission';
import {
  stageResource,
  type StageAction,
  type StagePermissions,
} from './StagePermissions';

/** Why somebody may not do something, and who may. */
export interface Withheld {
  readonly code: 'notPermitted';
  readonly text: string;
  /** Entity refs. */
  readonly owners: readonly string[];
}

/** What somebody lacks the right for, of all that can be said to what goes on in a promotion's stage. */
export async function withheldActions<Action extends string>(
  parts: {
    readonly admission: Pick<Admission, 'find'>;
    readonly stagePermissions: StagePermissions;
  },
  about: {
    readonly promotion: Pick<Promotion, 'service' | 'stage' | 'declaration'>;
    readonly caller: Caller;
    readonly rightFor: Readonly<Record<Action, StageAction>>;
  },
): Promise<Readonly<Partial<Record<Action, Withheld>>>> {
  const { stage, declaration, ...promotion } = about.promotion;
  const { service } = await parts.admission.find(promotion.service);
  const rights = await parts.stagePermissions.of(about.caller.credentials);
  const resource = stageResource(service, {
    name: stage,
    kind: declaration.stageKind,
  });
  const missing = Object.entries<StageAction>(about.rightFor)
    .filter(([, right]) => !rights(right, resource))
    .map(([action, right]) => [
      action,
      {
        code: 'notPermitted',
        text: sayNotPermitted(right, { title: declaration.stageTitle }),
        owners: service.owners,
      },
    ]);
  return Object.fromEntries(missing);
}
