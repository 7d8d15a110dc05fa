// SPDX-License-Identifier: Apache-2.0
import { ButtonIcon, Menu, MenuItem, MenuTrigger } from '@backstage/ui';
import type { StageView } from '@causeway/plugin-delivery-common';
import { RiMore2Line } from '@remixicon/react';
import { useDeliveryTranslation } from '../translation';
import { actionOf, nextStep } from './nextStep';
import type { OpenDialog } from './openDialog';
import styles from './StageRail.module.css';

/** The other actions of a stage. What may not be done now says why under its name. */
export function StageMenu(props: {
  stage: StageView;
  isReachable: boolean;
  onOpen: (dialog: OpenDialog) => void;
}) {
  const { t } = useDeliveryTranslation();
  const { stage, isReachable, onOpen } = props;
  const promote = actionOf(stage, 'promote');
  const rollback = actionOf(stage, 'rollback');
  const { last, release } = stage;
  const isPromoteTheButton = nextStep(stage)?.kind === 'promote';
  const hasItems =
    (promote && !isPromoteTheButton) || rollback || last || release?.url;
  if (!hasItems) return null;
  return (
    <MenuTrigger>
      <ButtonIcon
        size="small"
        variant="tertiary"
        icon={<RiMore2Line />}
        aria-label={t('stage.actionsFor', { stage: stage.title })}
        className={styles.menu}
        excludeFromTabOrder={!isReachable}
      />
      <Menu placement="bottom end">
        {promote && !isPromoteTheButton ? (
          <MenuItem
            isDisabled={!promote.allowed}
            onAction={() => onOpen({ kind: 'promote', stage: stage.name })}
          >
            <Labelled label={t('stage.promotePlain')} why={whyNot(promote)} />
          </MenuItem>
        ) : null}
        {rollback ? (
          <MenuItem
            isDisabled={!rollback.allowed}
            onAction={() => onOpen({ kind: 'rollback', stage: stage.name })}
          >
            <Labelled label={t('stage.rollBack')} why={whyNot(rollback)} />
          </MenuItem>
        ) : null}
        {last ? (
          <MenuItem onAction={() => onOpen({ kind: 'promotion', id: last.id })}>
            {t('stage.last')}
          </MenuItem>
        ) : null}
        {release?.url ? (
          <MenuItem href={release.url} target="_blank" rel="noopener">
            {t('stage.commit')}
          </MenuItem>
        ) : null}
      </Menu>
    </MenuTrigger>
  );
}

function Labelled(props: { label: string; why?: string }) {
  return (
    <span className={styles.menuItem}>
      {props.label}
      {props.why && <span className={styles.quiet}>{props.why}</span>}
    </span>
  );
}

function whyNot(
  action: StageView['allowedActions'][number],
): string | undefined {
  if (action.allowed) return undefined;
  return action.reasons.map(reason => reason.text).join(' ');
}
