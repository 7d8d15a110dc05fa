// SPDX-License-Identifier: Apache-2.0
import { Combobox, ComboboxItemText, Tag, TagGroup } from '@backstage/ui';
import type { Reading } from '@causeway/plugin-delivery-react';
import { useState, type ComponentProps } from 'react';
import { useListedSites } from '../data/queries';
import { useFleetTranslation, type Translate } from '../translation';
import { DEVICE_LABEL } from './countDevices';
import { AboutFleet, FleetField } from './FleetField';
import styles from './FormField.module.css';
import type { KnownSite } from './listSites';
import { offerSites, warningOf, type OfferedSites } from './offerSites';
import type { SitePickerProps } from './siteFieldSchema';

/** A line of the list: its id is the name of a site; those of other lines can not be one. */
interface Line {
  readonly id: string;
  readonly title: string;
  readonly description?: string;
  readonly isDisabled?: boolean;
}

type KeyPress = Parameters<
  NonNullable<ComponentProps<typeof Combobox>['onKeyDown']>
>[0];

/**
 * The field of a template that asks for sites. It offers those of the live fleet; any other can be
 * typed, since a site may be planned before its devices join, and the fleet may be out of reach.
 */
export function SitePicker(props: SitePickerProps) {
  return (
    <FleetField>
      <Sites {...props} />
    </FleetField>
  );
}

function Sites(props: SitePickerProps) {
  const { t } = useFleetTranslation();
  const { schema, uiSchema, idSchema, formData = [], onChange } = props;
  const {
    nodeLabel = 'causeway.dev/site',
    clusters,
    kinds,
  } = uiSchema['ui:options'] ?? {};
  const listed = useListedSites({
    nodeLabel,
    clusters,
    ...(kinds && {
      kinds: {
        nodeLabel: kinds.nodeLabel ?? DEVICE_LABEL,
        values: textsIn(props.formContext, kinds.parameter),
      },
    }),
  });
  const [typed, setTyped] = useState('');
  const known = listed.status === 'ready' ? listed.value : undefined;
  const offered = offerSites(known ?? [], formData, typed);
  const lines = linesOf(offered, listed.status, t);
  const isWrong = (props.rawErrors ?? []).length > 0;
  const isFixed = props.disabled || props.readonly;

  const choose = (name: string) => {
    if (!formData.includes(name)) onChange([...formData, name]);
    setTyped('');
  };
  // Without a line under the focus, Enter would give up what was typed; it takes the first line. And
  // it never sends the form, where one press too many would leave the page.
  const takeEnter = (event: KeyPress) => {
    if (event.key !== 'Enter') return;
    event.preventDefault();
    const { target } = event;
    const isOnLine =
      target instanceof Element && target.hasAttribute('aria-activedescendant');
    const first = lines.find(({ isDisabled }) => !isDisabled);
    if (typed.trim() !== '' && !isOnLine && first) choose(first.id);
  };
  return (
    <>
      <Combobox
        className={styles.search}
        label={schema.title ?? props.name}
        description={schema.description}
        placeholder={t('sites.search')}
        isRequired={props.required}
        isDisabled={isFixed}
        isInvalid={isWrong || offered.impossible !== undefined}
        aria-describedby={isWrong ? `${idSchema.$id}__error` : undefined}
        validationBehavior="aria"
        items={lines}
        search={{
          mode: 'server',
          inputValue: typed,
          onInputChange: setTyped,
        }}
        loading={{ state: listed.status === 'loading' ? 'loading' : 'idle' }}
        // The list closes when this changes. Leaving the field chooses it again, which gives up what was typed.
        value={formData[formData.length - 1] ?? null}
        onChange={name => (name === null ? setTyped('') : choose(String(name)))}
        onKeyDown={takeEnter}
      >
        {line => <ComboboxItemText {...line} className={styles.line} />}
      </Combobox>
      <TagGroup
        className={styles.chosen}
        aria-label={t('sites.chosen')}
        items={formData.map(name => ({ id: name, name }))}
        onRemove={
          isFixed
            ? undefined
            : gone => onChange(formData.filter(name => !gone.has(name)))
        }
        renderEmptyState={() => t('sites.all')}
      >
        {({ name }) => (
          <Tag id={name} size="medium">
            {titleOf(name, known)}
          </Tag>
        )}
      </TagGroup>
      <Warnings chosen={formData} known={known} label={nodeLabel} />
      <AboutFleet
        reading={listed}
        loading={t('sites.reading')}
        unread={t('sites.unread')}
        say={sites =>
          sites.length === 0 && (
            <p className={styles.word}>{t('sites.empty')}</p>
          )
        }
      />
    </>
  );
}

/** Says of each chosen site why nothing might run there. Always there, so that changes are read out. */
function Warnings(props: {
  chosen: readonly string[];
  /** Left out while nothing is known of the fleet. */
  known: readonly KnownSite[] | undefined;
  label: string;
}) {
  const { t } = useFleetTranslation();
  const { chosen, known, label } = props;
  // A fleet without any site says so once, and not for each that was typed.
  const counted = known?.length ? known : undefined;
  return (
    <div role="status" className={styles.warnings}>
      {chosen.map(name => {
        const warning = warningOf(name, counted);
        if (!warning) return null;
        const site = known?.find(each => each.name === name);
        return (
          <p key={name} className={styles.warning}>
            {t(`sites.${warning}`, {
              site: site?.title ?? name,
              label,
              count: site ? site.devices - site.labelled : 0,
            })}
          </p>
        );
      })}
    </div>
  );
}

/** The lines of the list: sites, the name that was typed or why it can be none, and what else to do. */
function linesOf(
  { sites, more, typed, impossible }: OfferedSites,
  status: Reading<unknown>['status'],
  t: Translate,
): readonly Line[] {
  const lines: Line[] = sites.map(site => ({
    id: site.name,
    title: site.title,
    description: describe(site, t),
  }));
  const advise = (id: string, title: string, description?: string) =>
    lines.push({ id, title, description, isDisabled: true });
  if (typed !== undefined) {
    lines.push({
      id: typed,
      title: t('sites.use', { name: typed }),
      description: t(status === 'ready' ? 'sites.notThere' : 'sites.unproven'),
    });
  }
  if (impossible !== undefined) {
    const title = t('sites.impossible', { site: impossible });
    advise('!', title, t('sites.impossibleHow'));
  }
  if (more > 0) {
    advise('…', t('sites.more', { count: more }), t('sites.moreHow'));
  }
  // The list says by itself that it is loading.
  if (lines.length === 0 && status !== 'loading') advise('?', t('sites.type'));
  return lines;
}

/** What the fleet has at a site, in one line. */
function describe(site: KnownSite, t: Translate): string {
  const { name, title, devices, labelled, ofKinds } = site;
  return [
    ...(name === title.toLocaleLowerCase('en') ? [] : [name]),
    t('page.devices', { count: devices }),
    ...(ofKinds === devices ? [t('sites.allOfKinds')] : []),
    ...(ofKinds !== undefined && ofKinds !== devices
      ? [t('sites.ofKinds', { number: ofKinds })]
      : []),
    ...(labelled === 0 ? [t('sites.noLabel')] : []),
    ...(labelled > 0 && labelled < devices
      ? [t('sites.lacking', { count: devices - labelled })]
      : []),
  ].join(' · ');
}

function titleOf(
  name: string,
  known: readonly KnownSite[] | undefined,
): string {
  return known?.find(each => each.name === name)?.title ?? name;
}

/** The texts that a parameter of the same form holds now. The form knows no types. */
function textsIn(formContext: unknown, parameter: string): readonly string[] {
  const form = fieldOf(formContext, 'formData');
  const value = fieldOf(form, parameter);
  return Array.isArray(value)
    ? value.filter(each => typeof each === 'string')
    : [];
}

function fieldOf(object: unknown, key: string): unknown {
  return typeof object === 'object' && object !== null
    ? Object.entries(object).find(([name]) => name === key)?.[1]
    : undefined;
}
