// SPDX-License-Identifier: Apache-2.0
import { Expected } from '@causeway/plugin-delivery-react';
import { PersonNames } from '../people/PersonName';
import { unnamedOwners } from '../people/unnamedOwners';
import { useDeliveryTranslation } from '../translation';

/** Why something is not so yet, who can do something about it, and when it is expected. */
export function ReasonText(props: {
  text: string;
  owners: readonly string[];
  expected?: string;
}) {
  const { t } = useDeliveryTranslation();
  const { text, owners, expected } = props;
  const toAsk = unnamedOwners(text, owners);
  return (
    <>
      {text}
      {toAsk.length > 0 && (
        <>
          {' '}
          {t('reason.ask')} <PersonNames of={toAsk} />.
        </>
      )}
      {expected && (
        <>
          {' '}
          <Expected at={expected} />
        </>
      )}
    </>
  );
}
