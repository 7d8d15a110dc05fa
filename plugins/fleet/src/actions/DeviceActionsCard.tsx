// SPDX-License-Identifier: Apache-2.0
import { deviceId } from '@causeway/plugin-delivery-common';
import { Loaded } from '../Loaded';
import pageStyles from '../Page.module.css';
import { FleetLink } from '../FleetLink';
import { useFleetTranslation } from '../translation';
import { useFleetLinks } from '../useFleetLinks';
import { ActionButtons } from './ActionButtons';
import { ActionList } from './ActionList';
import { useActionKinds, useActions } from './useActions';

/** What can be done to one device, and what was asked of it last. */
export function DeviceActionsCard(props: {
  cluster: string;
  name: string;
  /** `<namespace>/<name>` of what runs there. */
  workloads: readonly string[];
}) {
  const { t } = useFleetTranslation();
  const links = useFleetLinks();
  const device = deviceId(props.cluster, props.name);
  return (
    <section className={pageStyles.card} aria-label={t('action.title')}>
      <header>
        <h2>{t('action.title')}</h2>
        <FleetLink to={links.actions()}>{t('action.queue')}</FleetLink>
      </header>
      <Loaded reading={useActionKinds(device)} loading={t('action.loading')}>
        {kinds => (
          <ActionButtons
            kinds={kinds}
            devices={[device]}
            offers={{ workload: props.workloads }}
          />
        )}
      </Loaded>
      <Loaded
        reading={useActions({ device, limit: 10 })}
        loading={t('action.loading')}
      >
        {({ items }) =>
          items.length === 0 ? (
            <p className={pageStyles.quiet}>{t('action.none')}</p>
          ) : (
            <ActionList actions={items} />
          )
        }
      </Loaded>
    </section>
  );
}
