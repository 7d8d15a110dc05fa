// SPDX-License-Identifier: Apache-2.0
import { Checkbox, CheckboxGroup } from '@backstage/ui';
import {
  Delayed,
  OldDataNotice,
  ProblemPanel,
  type Reading,
} from '@causeway/plugin-delivery-react';
import { useHardwareCounts } from '../data/queries';
import { fleetWrapper } from '../data/wrapper';
import { useFleetTranslation } from '../translation';
import type { HardwareCounts } from './countDevices';
import type { HardwarePickerProps } from './hardwareFieldSchema';
import styles from './HardwarePicker.module.css';

/** A choice as the template names it. */
interface Kind {
  readonly value: string;
  readonly name: string;
}

/** How templates write choices: `enumNames` is the forms' own addition to JSON Schema. */
interface Choices {
  readonly enum?: readonly unknown[];
  readonly enumNames?: readonly string[];
}

/**
 * The field of a template that asks for kinds of device. It offers what the template names, and says
 * what the fleet has of it: what is not there yet is worth a word, and no mistake.
 */
export function HardwarePicker(props: HardwarePickerProps) {
  // The form is a page of another plugin, without what the pages of the fleet have around them.
  const runtime = fleetWrapper.useWrapperValue();
  return (
    <fleetWrapper.component value={runtime}>
      <KindsOfDevice {...props} />
    </fleetWrapper.component>
  );
}

function KindsOfDevice(props: HardwarePickerProps) {
  const { schema, uiSchema, idSchema, formData = [], onChange } = props;
  const { nodeLabel = 'causeway.dev/device', clusters } =
    uiSchema['ui:options'] ?? {};
  const kinds = kindsOf(schema.items);
  const counts = useHardwareCounts({
    nodeLabel,
    kinds: kinds.map(({ value }) => value),
    clusters,
  });
  const isWrong = (props.rawErrors ?? []).length > 0;
  return (
    <div className={styles.field}>
      <CheckboxGroup
        label={schema.title ?? props.name}
        description={schema.description}
        isRequired={props.required}
        isDisabled={props.disabled || props.readonly}
        isInvalid={isWrong}
        aria-describedby={isWrong ? `${idSchema.$id}__error` : undefined}
        // The form says what is wrong when it is sent; the browser would hold it back until then.
        validationBehavior="aria"
        value={formData}
        onChange={chosen =>
          // In the order of the template, whatever was pressed first.
          onChange(
            kinds.flatMap(({ value }) =>
              chosen.includes(value) ? [value] : [],
            ),
          )
        }
      >
        {kinds.map(kind => (
          <KindBox
            key={kind.value}
            id={`${idSchema.$id}-${kind.value}`}
            kind={kind}
            counts={counts}
          />
        ))}
      </CheckboxGroup>
      <Missing
        kinds={kinds.filter(({ value }) => formData.includes(value))}
        counts={counts}
      />
      <AboutCounts counts={counts} />
    </div>
  );
}

/** One kind, and beside its name what the fleet has of it. */
function KindBox(props: {
  id: string;
  kind: Kind;
  counts: Reading<HardwareCounts>;
}) {
  const { t } = useFleetTranslation();
  const { id, kind, counts } = props;
  const count = knownOf(counts)?.kinds[kind.value];
  return (
    <div>
      <Checkbox value={kind.value} aria-describedby={id}>
        {kind.name}
      </Checkbox>
      <p id={id} className={styles.count}>
        {count &&
          (count.devices === 0
            ? t('hardware.none')
            : t('page.count', {
                devices: t('page.devices', { count: count.devices }),
                sites: t('page.sites', { count: count.sites }),
              }))}
      </p>
    </div>
  );
}

/** Says of what was chosen that the fleet has none. Always there, so that changes are read out. */
function Missing(props: {
  kinds: readonly Kind[];
  counts: Reading<HardwareCounts>;
}) {
  const { t } = useFleetTranslation();
  const known = knownOf(props.counts);
  return (
    <div role="status">
      {props.kinds
        .filter(({ value }) => known?.kinds[value]?.devices === 0)
        .map(({ value, name }) => (
          <p key={value} className={styles.warning}>
            {t('hardware.missing', { kind: name })}
          </p>
        ))}
    </div>
  );
}

/** What the counts leave out, or why there are none. */
function AboutCounts(props: { counts: Reading<HardwareCounts> }) {
  const { t } = useFleetTranslation();
  const { counts } = props;
  switch (counts.status) {
    case 'loading':
      return (
        <Delayed>
          <p className={styles.word} role="status">
            {t('hardware.counting')}
          </p>
        </Delayed>
      );
    case 'failed':
      return (
        <ProblemPanel
          title={t('hardware.unread')}
          problem={counts.problem}
          onRetry={counts.retry}
        />
      );
    default: {
      const { devices, kinds, silent } = counts.value;
      const others = Object.values(kinds).reduce(
        (rest, kind) => rest - kind.devices,
        devices,
      );
      return (
        <>
          {counts.problem && (
            <OldDataNotice
              problem={counts.problem}
              readAt={counts.readAt}
              onRetry={counts.retry}
            />
          )}
          {devices === 0 && (
            <p className={styles.word}>{t('hardware.empty')}</p>
          )}
          {others > 0 && (
            <p className={styles.word}>
              {t('hardware.others', { count: others })}
            </p>
          )}
          {silent.length > 0 && (
            <p className={styles.word}>
              {t('hardware.silent', { clusters: silent.join(', ') })}
            </p>
          )}
        </>
      );
    }
  }
}

/** The counts, once the fleet is known to have a device: before that, no kind can be missed. */
function knownOf(counts: Reading<HardwareCounts>): HardwareCounts | undefined {
  return counts.status === 'ready' && counts.value.devices > 0
    ? counts.value
    : undefined;
}

function kindsOf(
  items: HardwarePickerProps['schema']['items'],
): readonly Kind[] {
  if (typeof items !== 'object' || Array.isArray(items)) return [];
  const { enum: values = [], enumNames: names = [] }: Choices = items;
  return values.map((each, index) => {
    const value = String(each);
    return { value, name: names[index] ?? value };
  });
}
