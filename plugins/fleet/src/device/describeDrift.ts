// SPDX-License-Identifier: Apache-2.0
import type { FleetTwinProperty } from '@causeway/plugin-delivery-common';
import type { MarkKey } from '@causeway/plugin-delivery-react';
import type { Translate } from '../translation';

/** What a property of a twin is up to, as a mark and a word. */
export interface DriftWords {
  readonly mark: MarkKey;
  readonly word: string;
  /** What that means for a person, where something is to be known. */
  readonly explain?: string;
  /** Whether what is reported is not what is desired. */
  readonly differs: boolean;
}

/**
 * The two kinds of drift in words: what is desired has not come to the device, or it has and the
 * device does otherwise. A property that nobody desires is only reported, which is no drift.
 */
export function describeDrift(
  property: FleetTwinProperty,
  t: Translate,
): DriftWords {
  switch (property.drift) {
    case 'notDelivered':
      return {
        mark: 'wait',
        word: t('twin.onItsWay'),
        explain: t('twin.onItsWayExplain'),
        differs: true,
      };
    case 'notApplied':
      return {
        mark: 'warn',
        word: t('twin.drifted'),
        explain: t('twin.driftedExplain'),
        differs: true,
      };
    case 'notReported':
      return { mark: 'never', word: t('twin.neverReported'), differs: false };
    case 'none':
      return property.desired === undefined
        ? { mark: 'ok', word: t('twin.reportedOnly'), differs: false }
        : { mark: 'ok', word: t('twin.same'), differs: false };
    default:
      return assertNever(property.drift);
  }
}

function assertNever(drift: never): never {
  throw new Error(`Unknown drift ${drift}`);
}
