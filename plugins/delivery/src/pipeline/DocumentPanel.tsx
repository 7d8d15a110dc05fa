// SPDX-License-Identifier: Apache-2.0
import { Alert, Link, Text } from '@backstage/ui';
import type { PipelineView } from '@causeway/plugin-delivery-common';
import { useDeliveryTranslation } from '../translation';
import { exampleDocument } from './exampleDocument';
import styles from './Pipeline.module.css';

/**
 * What is wrong with the pipeline document, line by line, or what to do when there is none. Shows
 * nothing while the document is valid.
 */
export function DocumentPanel(props: { pipeline: PipelineView }) {
  const { t } = useDeliveryTranslation();
  const { document, stages, service } = props.pipeline;
  if (document.state === 'valid') return null;
  if (stages.length === 0 && document.state === 'unreadable') {
    return <MissingDocument service={service} document={document} />;
  }
  const title =
    document.state === 'invalid'
      ? t('document.invalid', { count: document.problems.length })
      : t('document.unreadable');
  return (
    <section className={styles.panel} aria-label={title}>
      <Alert
        status="warning"
        icon
        title={title}
        description={[
          document.message,
          stages.length > 0 ? t('document.lastGood') : t('document.nothingYet'),
        ]
          .filter(Boolean)
          .join(' ')}
      />
      <ul className={styles.problems}>
        {document.problems.map(problem => (
          <li key={`${problem.line}:${problem.column}:${problem.code}`}>
            <span className={styles.place}>
              {t('document.line', {
                line: String(problem.line),
                column: String(problem.column),
              })}
            </span>
            <span>{problem.message}</span>
          </li>
        ))}
      </ul>
      <DocumentLink url={document.url} />
    </section>
  );
}

function MissingDocument(props: {
  service: string;
  document: PipelineView['document'];
}) {
  const { t } = useDeliveryTranslation();
  const { service, document } = props;
  return (
    <section className={styles.panel} aria-label={t('missing.title')}>
      <Text as="h2" variant="body-large" weight="bold">
        {t('missing.title')}
      </Text>
      {document.message && (
        <Alert status="warning" icon title={document.message} />
      )}
      <Text as="p">{t('missing.explain')}</Text>
      <pre className={styles.example}>{exampleDocument(service)}</pre>
      <DocumentLink url={document.url} />
    </section>
  );
}

function DocumentLink(props: { url?: string }) {
  const { t } = useDeliveryTranslation();
  if (!props.url) return null;
  return (
    <Link href={props.url} target="_blank" rel="noopener">
      {t('document.open')}
    </Link>
  );
}
