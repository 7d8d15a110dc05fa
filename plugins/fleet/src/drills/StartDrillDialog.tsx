// SPDX-License-Identifier: Apache-2.0
import { parseEntityRef } from '@backstage/catalog-model';
import type {
  DrillCandidates,
  DrillDetail,
  DrillOptions,
} from '@causeway/plugin-delivery-common';
import {
  describeDuration,
  useSharedTranslation,
} from '@causeway/plugin-delivery-react';
import { useState } from 'react';
import { ActionFrame, ReasonField } from '../actions/ActionFrame';
import actionStyles from '../actions/Actions.module.css';
import { Loaded } from '../Loaded';
import { useFleetTranslation, type Translate } from '../translation';
import styles from './Drills.module.css';
import { sayWhen } from './sayWhen';
import { useDrillCandidates, useDrillCommand } from './useDrills';

type Kind = DrillOptions['kinds'][number];

/** Which drill on which devices, what will happen to them, and the button that starts it. */
export function StartDrillDialog(props: {
  options: DrillOptions;
  onStarted: (drill: DrillDetail) => void;
  onClose: () => void;
}) {
  const { t } = useFleetTranslation();
  const { options, onStarted, onClose } = props;
  const [place, setPlace] = useState(0);
  const [name, setName] = useState(
    () =>
      (options.kinds.find(({ refusal }) => !refusal) ?? options.kinds[0]).name,
  );
  const [devices, setDevices] = useState<readonly string[]>([]);
  const [reason, setReason] = useState('');
  const { service, stage } = options.stages[place];
  const kind =
    options.kinds.find(each => each.name === name) ?? options.kinds[0];
  const wish = { service, stage, kind: name };
  const candidates = useDrillCandidates(wish);
  const command = useDrillCommand(
    (client, write) =>
      client.startDrill({ ...wish, devices, reason: reason.trim() }, write),
    onStarted,
  );
  const known = candidates.status === 'ready' ? candidates.value : undefined;
  return (
    <ActionFrame
      title={t('drill.startTitle')}
      confirm={t('drill.startConfirm')}
      blocked={blockedBecause(t, { kind, devices, reason, known })}
      isDestructive
      command={command}
      onClose={onClose}
    >
      <label className={actionStyles.field}>
        {t('drill.stage')}
        <select
          value={place}
          onChange={event => {
            setPlace(Number(event.target.value));
            setDevices([]);
          }}
        >
          {options.stages.map((each, index) => (
            <option key={`${each.service} ${each.stage}`} value={index}>
              {t('drill.stageOf', {
                service: parseEntityRef(each.service).name,
                stage: each.title,
              })}
            </option>
          ))}
        </select>
      </label>
      <label className={actionStyles.field}>
        {t('drill.kind')}
        <select
          value={name}
          onChange={event => {
            setName(event.target.value);
            setDevices([]);
          }}
        >
          {options.kinds.map(each => (
            <option key={each.name} value={each.name}>
              {each.title}
            </option>
          ))}
        </select>
      </label>
      <Consequence kind={kind} />
      <fieldset className={styles.devices}>
        <legend>{t('drill.devices')}</legend>
        <Loaded reading={candidates} loading={t('drill.loadingDevices')}>
          {view => (
            <Devices view={view} chosen={devices} onChoose={setDevices} />
          )}
        </Loaded>
      </fieldset>
      <ReasonField value={reason} onChange={setReason} />
    </ActionFrame>
  );
}

/** What is done, for how long, and what is expected meanwhile and after. */
function Consequence(props: { kind: Kind }) {
  const { t } = useFleetTranslation();
  const { t: shared } = useSharedTranslation();
  const { kind } = props;
  const span = (seconds: number) => describeDuration(seconds * 1_000, shared);
  return (
    <>
      <section>
        <h3>{t('drill.happens')}</h3>
        <p>
          {kind.consequence}{' '}
          {t('drill.takes', {
            fault: span(kind.durationSeconds),
            recovery: span(kind.recoverySeconds),
          })}
        </p>
      </section>
      <section>
        <h3>{t('drill.expects')}</h3>
        <ul className={styles.expects}>
          {kind.expects.map(({ title, during, withinSeconds }) => (
            <li key={`${title} ${during}`}>
              {title}, {sayWhen({ during, withinSeconds }, t, shared)}
            </li>
          ))}
        </ul>
      </section>
    </>
  );
}

function Devices(props: {
  view: DrillCandidates;
  /** Ids. */
  chosen: readonly string[];
  onChoose: (ids: readonly string[]) => void;
}) {
  const { t } = useFleetTranslation();
  const { view, chosen, onChoose } = props;
  if (view.devices.length === 0) return <p>{t('drill.noDevices')}</p>;
  return (
    <>
      <ul className={styles.choice}>
        {view.devices.map(({ id, name, version, refusal, ...device }) => (
          <li key={id}>
            <label className={actionStyles.check}>
              <input
                type="checkbox"
                checked={chosen.includes(id)}
                disabled={refusal !== undefined}
                onChange={event =>
                  onChoose(
                    event.target.checked
                      ? [...chosen, id]
                      : chosen.filter(each => each !== id),
                  )
                }
              />
              <span>
                {name}{' '}
                <span className={actionStyles.why}>
                  {[
                    device.hardwareName ?? device.hardware,
                    version && t('drill.version', { version }),
                    refusal?.message,
                  ]
                    .filter(Boolean)
                    .join(' · ')}
                </span>
              </span>
            </label>
          </li>
        ))}
      </ul>
      {view.sites.map(({ siteKey, siteName, devices, atMost }) => (
        <p key={siteKey} className={actionStyles.why}>
          {t('drill.atMost', {
            most: String(atMost),
            devices: String(devices),
            site: siteName ?? siteKey,
          })}
        </p>
      ))}
    </>
  );
}

function blockedBecause(
  t: Translate,
  given: {
    kind: Kind;
    devices: readonly string[];
    reason: string;
    known: DrillCandidates | undefined;
  },
): string | undefined {
  const { kind, devices, reason, known } = given;
  if (kind.refusal) return kind.refusal.message;
  if (!known) return t('drill.loadingDevices');
  if (devices.length === 0) return t('drill.deviceFirst');
  const crowded = known.sites.find(
    ({ siteKey, atMost }) =>
      known.devices.filter(
        device => device.siteKey === siteKey && devices.includes(device.id),
      ).length > atMost,
  );
  if (crowded)
    return t('drill.tooMany', {
      site: crowded.siteName ?? crowded.siteKey,
    });
  return reason.trim() === '' ? t('drill.reasonFirst') : undefined;
}
