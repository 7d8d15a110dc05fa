// SPDX-License-Identifier: Apache-2.0
import { Alert, Link } from '@backstage/ui';
import type { PromotionDetail } from '@causeway/plugin-delivery-common';
import { Moment, StateMark } from '@causeway/plugin-delivery-react';
import { DialogPart } from '../dialog/DialogLayout';
import { PersonName } from '../people/PersonName';
import { useDeliveryTranslation } from '../translation';
import styles from './PromotionDetail.module.css';

type Promotion = PromotionDetail['promotion'];

/** What stopped a promotion, and what to do. */
export function PromotionProblem(props: { promotion: Promotion }) {
  const { problem } = props.promotion;
  if (!problem) return null;
  return (
    <Alert
      status="danger"
      icon
      title={problem.message}
      description={problem.hint}
    />
  );
}

/** Per target, what its cluster showed. */
export function TargetProofs(props: { promotion: Promotion }) {
  const { t } = useDeliveryTranslation();
  const { targets } = props.promotion;
  return (
    <DialogPart title={t('promotion.targets')}>
      <ul className={styles.rows}>
        {targets.map(target => (
          <li key={`${target.cluster}/${target.name}`}>
            <StateMark state={target.state.key} word={target.state.word} />
            <span>
              {target.name}{' '}
              <span className={styles.quiet}>{target.cluster}</span>
            </span>
            {target.state.detail && (
              <span className={styles.quiet}>{target.state.detail}</span>
            )}
          </li>
        ))}
      </ul>
    </DialogPart>
  );
}

/** Who asked, why, who agreed, and which commit it became. */
export function PromotionFacts(props: {
  promotion: Promotion;
  folds?: boolean;
}) {
  const { t } = useDeliveryTranslation();
  const {
    reason,
    approvals = [],
    commit,
    requestedBy,
    requestedAt,
  } = props.promotion;
  return (
    <DialogPart title={t('promotion.record')} folds={props.folds}>
      <ul className={styles.rows}>
        <li>
          <span>
            {t('promotion.requested')} <PersonName of={requestedBy} />{' '}
            <span className={styles.quiet}>
              <Moment at={requestedAt} />
            </span>
          </span>
          {reason && <span>“{reason}”</span>}
        </li>
        {approvals.map(approval => (
          <li key={approval.by + approval.at}>
            <span>
              {t('promotion.approvedBy')} <PersonName of={approval.by} />{' '}
              <span className={styles.quiet}>
                <Moment at={approval.at} />
              </span>
            </span>
            {approval.reason && <span>“{approval.reason}”</span>}
          </li>
        ))}
        {commit && (
          <li>
            <CommitLink commit={commit} />
          </li>
        )}
      </ul>
    </DialogPart>
  );
}

function CommitLink(props: { commit: { sha: string; url?: string } }) {
  const { t } = useDeliveryTranslation();
  const { sha, url } = props.commit;
  const text = t('promotion.commit', { sha: sha.slice(0, 7) });
  return url ? (
    <Link href={url} target="_blank" rel="noopener">
      {text}
    </Link>
  ) : (
    <span>{text}</span>
  );
}

/** Everything that happened to the promotion, newest first. */
export function EventList(props: {
  events: PromotionDetail['events'];
  folds?: boolean;
}) {
  const { t } = useDeliveryTranslation();
  return (
    <DialogPart title={t('promotion.events')} folds={props.folds}>
      <ol className={styles.events}>
        {[...props.events].reverse().map(event => (
          <li key={event.version}>
            <span className={styles.quiet}>
              <Moment at={event.at} />
            </span>
            <span>
              {event.text}{' '}
              <span className={styles.quiet}>
                <PersonName of={event.actor} />
              </span>
              {event.reason && (
                <span className={styles.reason}>“{event.reason}”</span>
              )}
            </span>
          </li>
        ))}
      </ol>
    </DialogPart>
  );
}
