// SPDX-License-Identifier: Apache-2.0
import type { ObservedDevice, ObservedDeviceModel } from './observed';

/** What somebody wants a property of a twin to be. */
export interface TwinWish {
  readonly property: string;
  /** As KubeEdge keeps it: all values are texts. */
  readonly value: string;
  /** What was desired when they looked; undefined when nothing was. */
  readonly was?: string;
}

/** Why a wish can not be fulfilled. */
export interface TwinRefusal {
  readonly property: string;
  readonly code:
    | 'noModel'
    | 'unknownProperty'
    | 'readOnly'
    | 'wrongType'
    | 'outOfRange'
    | 'modelUnclear'
    | 'changedMeanwhile';
  /** A sentence for people. */
  readonly message: string;
}

type ModelProperty = ObservedDeviceModel['properties'][number];
type Finding = Omit<TwinRefusal, 'property'>;

const controlCharacter = /\p{Cc}/u;

/** Values of twins are short: KubeEdge sends them as they are to devices with little memory. */
export const longestTwinValue = 1_000;

/**
 * What speaks against setting properties of a device, by its model and by what is desired there now.
 * KubeEdge checks none of this: a value of the wrong type or out of range would reach the device.
 * Empty when nothing does.
 */
export function checkTwinEdit(
  wishes: readonly TwinWish[],
  device: Pick<ObservedDevice, 'desired' | 'model'>,
  model: ObservedDeviceModel | undefined,
): readonly TwinRefusal[] {
  return wishes.flatMap(wish => {
    const finding = checkWish(wish, device, model);
    return finding ? [{ property: wish.property, ...finding }] : [];
  });
}

function checkWish(
  { property, value, was }: TwinWish,
  device: Pick<ObservedDevice, 'desired' | 'model'>,
  model: ObservedDeviceModel | undefined,
): Finding | undefined {
  if (!model) {
    return {
      code: 'noModel',
      message: `The cluster has no model ${
        device.model ?? 'for the device'
      }, so nobody knows what may be set.`,
    };
  }
  const described = model.properties.find(({ name }) => name === property);
  const current = device.desired.find(each => each.property === property);
  if (!described || !current) {
    return {
      code: 'unknownProperty',
      message: described
        ? `The device does not have the property ${property} of its model.`
        : `The model ${model.name} has no property ${property}.`,
    };
  }
  if (described.access !== 'readWrite') {
    return {
      code: 'readOnly',
      message: `${property} can only be read, says the model ${model.name}.`,
    };
  }
  if ((current.value ?? '') !== (was ?? '')) {
    return {
      code: 'changedMeanwhile',
      message: `${property} was set to ${quoted(current.value)} meanwhile.`,
    };
  }
  return checkTwinValue(described, value);
}

/** Whether a value is one of the type and in the range that a model names. Undefined when it is. */
export function checkTwinValue(
  property: Pick<ModelProperty, 'name' | 'type' | 'minimum' | 'maximum'>,
  value: string,
): Finding | undefined {
  const { name, type = '' } = property;
  if (value.length > longestTwinValue) {
    return wrong(`${name} takes at most ${longestTwinValue} characters.`);
  }
  switch (type.toUpperCase()) {
    case 'INT':
      return /^-?\d{1,15}$/.test(value)
        ? checkRange(property, value)
        : wrong(`${name} takes a whole number, not ${quoted(value)}.`);
    case 'FLOAT':
    case 'DOUBLE':
      return /^-?\d{1,15}(\.\d{1,15})?$/.test(value)
        ? checkRange(property, value)
        : wrong(`${name} takes a number such as 21.5, not ${quoted(value)}.`);
    case 'BOOLEAN':
      return value === 'true' || value === 'false'
        ? undefined
        : wrong(`${name} takes true or false, not ${quoted(value)}.`);
    case 'STRING':
      return controlCharacter.test(value)
        ? wrong(`${name} takes text without control characters.`)
        : undefined;
    case 'BYTES':
      return /^(?:[A-Za-z0-9+/]{4})*(?:[A-Za-z0-9+/]{2}==|[A-Za-z0-9+/]{3}=)?$/.test(
        value,
      )
        ? undefined
        : wrong(`${name} takes bytes in Base64.`);
    default:
      return wrong(
        `${name} is of type ${type || 'unknown'}, which can not be set.`,
      );
  }
}

function checkRange(
  { name, minimum, maximum }: Parameters<typeof checkTwinValue>[0],
  value: string,
): Finding | undefined {
  for (const [limit, isLeast] of [
    [minimum, true],
    [maximum, false],
  ] as const) {
    if (limit === undefined || limit === '') continue;
    const number = Number(limit);
    if (!Number.isFinite(number)) {
      return {
        code: 'modelUnclear',
        message: `The model limits ${name} by ${quoted(
          limit,
        )}, which is no number.`,
      };
    }
    const isBeyond = isLeast ? Number(value) < number : Number(value) > number;
    if (isBeyond) {
      return {
        code: 'outOfRange',
        message: `${name} takes ${
          isLeast ? 'at least' : 'at most'
        } ${limit}, not ${value}.`,
      };
    }
  }
  return undefined;
}

function wrong(message: string): Finding {
  return { code: 'wrongType', message };
}

function quoted(value: string | undefined): string {
  return value === undefined ? 'nothing' : JSON.stringify(value.slice(0, 60));
}
