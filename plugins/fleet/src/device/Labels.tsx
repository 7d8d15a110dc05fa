// SPDX-License-Identifier: Apache-2.0
import { FleetLink } from '../FleetLink';
import styles from '../Page.module.css';
import { useFleetTranslation } from '../translation';
import { useFleetLinks } from '../useFleetLinks';

/** The labels of a device; each leads to the devices that share it. */
export function Labels(props: { labels: Readonly<Record<string, string>> }) {
  const { t } = useFleetTranslation();
  const links = useFleetLinks();
  const labels = Object.entries(props.labels).map(([key, value]) =>
    value ? `${key}=${value}` : key,
  );
  if (labels.length === 0) return null;
  return (
    <section className={styles.card} aria-label={t('device.labels')}>
      <h2>{t('device.labels')}</h2>
      <ul className={styles.labels}>
        {labels.sort().map(label => (
          <li key={label}>
            <FleetLink to={links.fleet({ label: [label] })}>{label}</FleetLink>
          </li>
        ))}
      </ul>
    </section>
  );
}
