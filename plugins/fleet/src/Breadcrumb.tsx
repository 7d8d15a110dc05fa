// SPDX-License-Identifier: Apache-2.0
import { FleetLink } from './FleetLink';
import styles from './Page.module.css';
import { useFleetTranslation } from './translation';
import { useFleetLinks } from './useFleetLinks';

/** The way from the fleet to the page one looks at. */
export function Breadcrumb(props: {
  site?: {
    readonly cluster: string;
    readonly site: string;
    readonly name: string;
  };
  /** The list that the page belongs to. */
  above?: { readonly to: string; readonly title: string };
  here: string;
}) {
  const { t } = useFleetTranslation();
  const links = useFleetLinks();
  const { site, above, here } = props;
  return (
    <nav className={styles.breadcrumb} aria-label={t('page.breadcrumb')}>
      <ol>
        <li>
          <FleetLink to={links.fleet()}>{t('page.fleet')}</FleetLink>
        </li>
        {site && (
          <li>
            <FleetLink to={links.site(site)}>{site.name}</FleetLink>
          </li>
        )}
        {above && (
          <li>
            <FleetLink to={above.to}>{above.title}</FleetLink>
          </li>
        )}
        <li aria-current="page">{here}</li>
      </ol>
    </nav>
  );
}
