// SPDX-License-Identifier: Apache-2.0
import { Checkbox, CheckboxGroup } from '@backstage/ui';
import type { Reading } from '@causeway/plugin-delivery-react';
import { useHardwareCounts } from '../data/queries';
import { useFleetTranslation } from '../translation';
import { DEVICE_LABEL, type HardwareCounts } from './countDevices';
import { AboutFleet, FleetField } from './FleetField';
import styles from './FormField.module.css';
import type { HardwarePickerProps } from './hardwareFieldSchema';

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
  return (
    <FleetField>
      <KindsOfDevice {...props} />
    </FleetField>
  );
}

function KindsOfDevice(props: HardwarePickerProps) {
  const { t } = useFleetTranslation();
  const { schema, uiSchema, idSchema, formData = [], onChange } = props;
  const { nodeLabel = DEVICE_LABEL, clusters } = uiSchema['ui:options'] ?? {};
  const kinds = kindsOf(schema.items);
  const counts = useHardwareCounts({
    nodeLabel,
    kinds: kinds.map(({ value }) => value),
    clusters,
  });
  const isWrong = (props.rawErrors ?? []).length > 0;
  return (
    <>
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
      <AboutFleet
        reading={counts}
        loading={t('hardware.counting')}
        unread={t('hardware.unread')}
        say={value => <LeftOut counts={value} />}
      />
    </>
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

/** What the counts leave out, and what is old in them. */
function LeftOut(props: { counts: HardwareCounts }) {
  const { t } = useFleetTranslation();
  const { devices, kinds, silent } = props.counts;
  const others = Object.values(kinds).reduce(
    (rest, kind) => rest - kind.devices,
    devices,
  );
  return (
    <>
      {devices === 0 && <p className={styles.word}>{t('hardware.empty')}</p>}
      {others > 0 && (
        <p className={styles.word}>{t('hardware.others', { count: others })}</p>
      )}
      {silent.length > 0 && (
        <p className={styles.word}>
          {t('hardware.silent', { clusters: silent.join(', ') })}
        </p>
      )}
    </>
  );
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
