// SPDX-License-Identifier: Apache-2.0
import { Link } from '@backstage/ui';
import type { PromotionPlan } from '@causeway/plugin-delivery-common';
import { Age, StateMark } from '@causeway/plugin-delivery-react';
import { DialogPart } from '../dialog/DialogLayout';
import { useDeliveryTranslation } from '../translation';
import styles from './ChangesPanel.module.css';
import { configurationChanges } from './planChange';
import { RenderedDiff } from './RenderedDiff';

/** What a promotion changes: in one sentence, commit by commit, and as the cluster will get it. */
export function ChangesPanel(props: { plan: PromotionPlan }) {
  const { t } = useDeliveryTranslation();
  const { plan } = props;
  const configuration = configurationChanges(plan);
  return (
    <>
      <DialogPart
        title={t('changes.title')}
        hint={
          plan.replaces
            ? t('changes.against', { version: plan.replaces.version })
            : t('changes.first')
        }
      >
        <Summary plan={plan} />
      </DialogPart>
      {plan.commits.length > 0 && (
        <DialogPart
          title={t('changes.commits', { count: plan.commits.length })}
          folds
        >
          <ul className={styles.commits}>
            {plan.commits.map(commit => (
              <li key={commit.sha}>
                <span className={styles.sha}>
                  {commit.url ? (
                    <Link
                      href={commit.url}
                      variant="body-small"
                      target="_blank"
                      rel="noopener"
                    >
                      {commit.sha.slice(0, 7)}
                    </Link>
                  ) : (
                    commit.sha.slice(0, 7)
                  )}
                </span>
                <span>{commit.message.split('\n', 1)[0]}</span>
                <span className={styles.quiet}>
                  {commit.author}, <Age since={commit.time} as="ago" />
                </span>
              </li>
            ))}
          </ul>
        </DialogPart>
      )}
      {configuration.length > 0 && (
        <DialogPart
          title={t('changes.configurationOnly')}
          hint={t('changes.notRelease')}
        >
          <Diffs objects={configuration} />
        </DialogPart>
      )}
      <DialogPart
        title={t('changes.manifests')}
        hint={t('changes.rendered')}
        folds
      >
        <Diffs objects={plan.diff.filter(each => !each.configurationOnly)} />
        <p className={styles.quiet}>
          {plan.diff.length === 0 && `${t('changes.nothing')} `}
          {t('changes.unchanged', { count: plan.unchanged })}
        </p>
      </DialogPart>
    </>
  );
}

function Diffs(props: { objects: PromotionPlan['diff'] }) {
  return (
    <>
      {props.objects.map(object => (
        <RenderedDiff
          key={`${object.cluster}/${object.namespace}/${object.kind}/${object.name}`}
          object={object}
        />
      ))}
    </>
  );
}

function Summary(props: { plan: PromotionPlan }) {
  const { t } = useDeliveryTranslation();
  const { plan } = props;
  const configuration = configurationChanges(plan).length;
  const commits =
    plan.commits.length > 0
      ? t('changes.commits', { count: plan.commits.length })
      : t('changes.noCommits');
  return (
    <p className={styles.summary}>
      {commits}. {t('changes.objects', { count: plan.diff.length })}.{' '}
      {configuration > 0 && (
        <StateMark
          state="warn"
          word={t('changes.configuration', { count: configuration })}
          className={styles.configuration}
        />
      )}
    </p>
  );
}
