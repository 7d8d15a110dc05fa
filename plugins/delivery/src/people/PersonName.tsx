// SPDX-License-Identifier: Apache-2.0
import { useEntityPresentation } from '@backstage/plugin-catalog-react';
import { useDeliveryTranslation } from '../translation';

const ENTITY_REF = /^[a-z]+:[^/\s]+\/\S+$/;

/** How the backend names itself where it acts without a person. */
const PORTAL = 'plugin:delivery';

/** The name of a person or group, from the catalog when it is an entity ref, otherwise as written. */
export function PersonName(props: { of: string }) {
  const { t } = useDeliveryTranslation();
  if (props.of === PORTAL) return <>{t('people.portal')}</>;
  return ENTITY_REF.test(props.of) ? (
    <EntityName entityRef={props.of} />
  ) : (
    <>{props.of}</>
  );
}

/** Several names, separated by commas. */
export function PersonNames(props: { of: readonly string[] }) {
  return (
    <>
      {props.of.map((person, index) => (
        <span key={person}>
          {index > 0 && ', '}
          <PersonName of={person} />
        </span>
      ))}
    </>
  );
}

function EntityName(props: { entityRef: string }) {
  const presentation = useEntityPresentation(props.entityRef);
  return <span title={props.entityRef}>{presentation.primaryTitle}</span>;
}
