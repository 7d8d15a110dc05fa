// SPDX-License-Identifier: Apache-2.0
import { Button } from '@backstage/ui';
import type {
  FleetTwin,
  FleetTwinProperty,
} from '@causeway/plugin-delivery-common';
import { Age, StateMark } from '@causeway/plugin-delivery-react';
import { useState } from 'react';
import styles from '../Page.module.css';
import { useFleetTranslation } from '../translation';
import { describeDrift } from './describeDrift';
import { TwinEditDialog } from './TwinEditDialog';
import { TwinHistory } from './TwinHistory';

/** What a device should be set to, what it has seen of that, and what it reports. */
export function Twins(props: {
  device: { readonly cluster: string; readonly name: string };
  twin: FleetTwin;
}) {
  const { t } = useFleetTranslation();
  const { device, twin } = props;
  const [editing, setEditing] = useState<string>();
  const edited = twin.properties.find(each => each.name === editing);
  const differ = twin.properties.filter(
    property => describeDrift(property, t).differs,
  ).length;
  const name = twin.model
    ? t('twin.of', { name: twin.name, model: twin.model })
    : twin.name;
  return (
    <section
      className={styles.card}
      aria-label={`${t('twin.title')} ${twin.name}`}
    >
      <header>
        <h2>{t('twin.title')}</h2>
        <span className={styles.quiet}>
          {name},{' '}
          {t('twin.differ', {
            count: twin.properties.length,
            differ: String(differ),
          })}
          {twin.lastOnline && (
            <>
              , {t('twin.lastOnline')} <Age since={twin.lastOnline} as="ago" />
            </>
          )}
        </span>
      </header>
      <div className={styles.scroll}>
        <table className={styles.table}>
          <thead>
            <tr>
              <th scope="col">{t('twin.property')}</th>
              <th scope="col">{t('twin.desired')}</th>
              <th scope="col">{t('twin.seen')}</th>
              <th scope="col">{t('twin.reported')}</th>
              <th scope="col">{t('twin.drift')}</th>
            </tr>
          </thead>
          <tbody>
            {twin.properties.map(property => (
              <Row
                key={property.name}
                property={property}
                onEdit={() => setEditing(property.name)}
              />
            ))}
          </tbody>
        </table>
      </div>
      <TwinHistory changes={twin.history ?? []} />
      {edited && (
        <TwinEditDialog
          device={device}
          twin={twin}
          property={edited}
          onClose={() => setEditing(undefined)}
        />
      )}
    </section>
  );
}

function Row(props: { property: FleetTwinProperty; onEdit: () => void }) {
  const { t } = useFleetTranslation();
  const { property, onEdit } = props;
  const { mark, word, explain } = describeDrift(property, t);
  const nothing =
    property.access === 'readOnly' ? t('twin.readOnly') : t('twin.unset');
  return (
    <tr>
      <th scope="row">
        <code>{property.name}</code>
        <small>
          {[property.type, property.unit].filter(Boolean).join(', ')}
        </small>
      </th>
      <td>
        {property.desired ?? <span className={styles.quiet}>{nothing}</span>}
        <AgeOf at={property.desiredAt} />
        {property.access === 'readWrite' && (
          <Button
            size="small"
            variant="tertiary"
            aria-label={t('twinEdit.openFor', { property: property.name })}
            onPress={onEdit}
          >
            {t('twinEdit.open')}
          </Button>
        )}
      </td>
      <td>
        {property.observedDesired}
        <AgeOf at={property.observedAt} />
      </td>
      <td>
        {property.reported}
        <AgeOf at={property.reportedAt} />
      </td>
      <td>
        <StateMark state={mark} word={word} />
        {explain && <small>{explain}</small>}
      </td>
    </tr>
  );
}

function AgeOf(props: { at: string | undefined }) {
  return props.at ? (
    <small>
      <Age since={props.at} as="ago" />
    </small>
  ) : null;
}
