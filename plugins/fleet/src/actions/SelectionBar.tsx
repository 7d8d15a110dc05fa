// SPDX-License-Identifier: Apache-2.0
import { Button } from '@backstage/ui';
import { Loaded } from '../Loaded';
import { useFleetTranslation } from '../translation';
import { ActionButtons } from './ActionButtons';
import styles from './Actions.module.css';
import { useActionKinds } from './useActions';

/** What can be done to the devices that were selected in the table. */
export function SelectionBar(props: {
  /** Ids. */
  devices: readonly string[];
  onClear: () => void;
}) {
  const { t } = useFleetTranslation();
  const { devices, onClear } = props;
  const reading = useActionKinds();
  return (
    <section className={styles.bar} aria-label={t('action.onSelection')}>
      <span role="status">
        {t('action.selected', { count: devices.length })}
      </span>
      <Button size="small" variant="secondary" onPress={onClear}>
        {t('action.clearSelection')}
      </Button>
      <Loaded reading={reading} loading={t('action.loading')}>
        {kinds => (
          <ActionButtons kinds={kinds} devices={devices} onDone={onClear} />
        )}
      </Loaded>
    </section>
  );
}
