// SPDX-License-Identifier: Apache-2.0
import { useApi } from '@backstage/frontend-plugin-api';
import {
  evidenceTitles,
  type Evidence,
} from '@causeway/plugin-delivery-common';
import { Moment, problemOf } from '@causeway/plugin-delivery-react';
import { useState } from 'react';
import { deliveryApiRef } from '../api/deliveryApi';
import { useEvidence } from '../data/queries';
import { DialogPart } from '../dialog/DialogLayout';
import { useDeliveryTranslation } from '../translation';
import { saveFile } from './saveFile';
import { saySize } from './saySize';
import styles from './EvidencePart.module.css';

/** What CI has left with a release: each file with its size, checksum and age, to be saved. */
export function EvidencePart(props: { release: string; folds?: boolean }) {
  const { t } = useDeliveryTranslation();
  const reading = useEvidence(props.release);
  if (reading.status !== 'ready') return null;
  return (
    <DialogPart title={t('evidence.title')} folds={props.folds}>
      {reading.value.length === 0 ? (
        <p className={styles.quiet}>{t('evidence.none')}</p>
      ) : (
        <details>
          <summary className={styles.summary}>
            {t('evidence.files', {
              count: reading.value.length,
              size: saySize(
                reading.value.reduce((sum, { bytes }) => sum + bytes, 0),
              ),
            })}
          </summary>
          <ul className={styles.files}>
            {reading.value.map(file => (
              <EvidenceFile
                key={`${file.kind}/${file.name}`}
                release={props.release}
                file={file}
              />
            ))}
          </ul>
        </details>
      )}
    </DialogPart>
  );
}

function EvidenceFile(props: { release: string; file: Evidence }) {
  const { t } = useDeliveryTranslation();
  const client = useApi(deliveryApiRef);
  const { release, file } = props;
  const [problem, setProblem] = useState<string>();

  async function save() {
    setProblem(undefined);
    try {
      saveFile(
        await client.getEvidenceFile(release, file.kind, file.name),
        file.name,
      );
    } catch (error) {
      setProblem(problemOf(error).message);
    }
  }

  return (
    <li>
      <span className={styles.name}>
        <span>{evidenceTitles[file.kind]}</span>
        <button
          type="button"
          className={styles.save}
          aria-label={t('evidence.save', { name: file.name })}
          onClick={save}
        >
          {file.name}
        </button>
      </span>
      <span className={styles.quiet}>
        {saySize(file.bytes)} ·{' '}
        <span title={`SHA-256 ${file.sha256}`}>
          {t('evidence.checksum', { start: file.sha256.slice(0, 12) })}
        </span>{' '}
        · <Moment at={file.receivedAt} /> ·{' '}
        {t('evidence.by', { repository: lastPart(file.repository) })}
      </span>
      {problem && <span role="alert">{problem}</span>}
    </li>
  );
}

function lastPart(repository: string): string {
  return repository.split('/').slice(-2).join('/');
}
