// SPDX-License-Identifier: Apache-2.0
import type { FleetTwinProperty } from '@causeway/plugin-delivery-common';
import type { Translate } from '../translation';

/** What the model of a device allows a property to be, in words. */
export function sayLimits(
  property: Pick<FleetTwinProperty, 'type' | 'unit' | 'minimum' | 'maximum'>,
  t: Translate,
): string {
  const { type, unit, minimum, maximum } = property;
  return [
    sayType(type, t),
    minimum && t('twinEdit.atLeast', { minimum }),
    maximum && t('twinEdit.atMost', { maximum }),
    unit && t('twinEdit.inUnit', { unit }),
  ]
    .filter(Boolean)
    .join(', ');
}

function sayType(type: string | undefined, t: Translate): string {
  switch (type?.toUpperCase()) {
    case 'INT':
      return t('twinEdit.type.whole');
    case 'FLOAT':
    case 'DOUBLE':
      return t('twinEdit.type.number');
    case 'BOOLEAN':
      return t('twinEdit.type.boolean');
    case 'BYTES':
      return t('twinEdit.type.bytes');
    default:
      return t('twinEdit.type.text');
  }
}
