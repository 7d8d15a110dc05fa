// SPDX-License-Identifier: Apache-2.0
import {
  checkTwinEdit,
  type ObservedDevice,
  type TwinChange,
  type TwinRefusal,
  type TwinWish,
} from '@causeway/plugin-delivery-common';
import type { DeviceActionCluster } from '@causeway/plugin-delivery-node';
import { listIn, recordIn, textIn } from '../clusters/fields';
import { namespaced } from '../clusters/namespaced';
import { resourceVersionOf } from '../clusters/trim';
import { trimDevice, trimDeviceModel } from './trimKubeEdge';
import { deviceModels, devices } from './watchedFleet';

/** A wish to set properties of one KubeEdge device. */
export interface TwinEdit {
  readonly cluster: string;
  /** The Node that it is attached to. */
  readonly node: string;
  readonly namespace: string;
  readonly device: string;
  readonly wishes: readonly TwinWish[];
  readonly dryRun: boolean;
  /** Entity ref. */
  readonly actor: string;
  readonly reason: string;
}

/** What became of it. A refusal has changed nothing. */
export type TwinOutcome =
  | { readonly kind: 'done'; readonly changes: readonly TwinChange[] }
  | { readonly kind: 'unknown' }
  | { readonly kind: 'refused'; readonly refusals: readonly TwinRefusal[] }
  /** The object changes faster than it can be written. */
  | { readonly kind: 'busy' };

/**
 * Up to KubeEdge 1.22 what a device reports is in the object that holds what is desired, so its
 * version changes with each report and a write meets that now and then.
 */
const attempts = 5;

/**
 * Sets what is desired of a KubeEdge device. Device and model are read from the cluster and not from
 * memory, everything is checked against them, and the write carries the version that was read: of two
 * people who edit at once, the second sees what the first has set. The properties of a Device are a
 * list without keys, so all of them are written, as they were apart from what is set.
 *
 * @throws NotAllowedError, ServiceUnavailableError as the cluster does
 */
export async function editTwin(
  edit: TwinEdit,
  cluster: DeviceActionCluster,
  clock: () => Date,
): Promise<TwinOutcome> {
  const path = namespaced(devices.path, {
    namespace: edit.namespace,
    name: edit.device,
  });
  for (let attempt = 0; attempt < attempts; attempt++) {
    const object = await cluster.get(path);
    const device = trimDevice(object);
    if (!device || device.node !== edit.node) return { kind: 'unknown' };
    const refusals = checkTwinEdit(
      edit.wishes,
      device,
      await modelOf(device, cluster),
    );
    if (refusals.length > 0) return { kind: 'refused', refusals };
    const at = clock().getTime();
    const changes = changesOf(edit, at);
    if (edit.dryRun) return { kind: 'done', changes };
    const written = await cluster.patch(path, {
      metadata: { resourceVersion: resourceVersionOf(object) },
      spec: { properties: propertiesWith(object, edit.wishes, at) },
    });
    if (written === 'done') return { kind: 'done', changes };
    if (written === 'missing') return { kind: 'unknown' };
  }
  return { kind: 'busy' };
}

async function modelOf(device: ObservedDevice, cluster: DeviceActionCluster) {
  if (device.model === undefined) return undefined;
  const { namespace, model: name } = device;
  return trimDeviceModel(
    await cluster.get(namespaced(deviceModels.path, { namespace, name })),
  );
}

function propertiesWith(
  object: unknown,
  wishes: readonly TwinWish[],
  at: number,
): readonly unknown[] {
  const wanted = new Map(wishes.map(wish => [wish.property, wish.value]));
  return listIn(recordIn(object, 'spec'), 'properties').map(property => {
    const value = wanted.get(textIn(property, 'name') ?? '');
    if (value === undefined || typeof property !== 'object') return property;
    const before = recordIn(recordIn(property, 'desired'), 'metadata');
    const metadata = { ...before, timestamp: String(at) };
    return { ...property, desired: { value, metadata } };
  });
}

function changesOf(edit: TwinEdit, at: number): readonly TwinChange[] {
  const { cluster, node, namespace, device, actor, reason } = edit;
  return edit.wishes.map(({ property, value, was }) => ({
    cluster,
    node,
    namespace,
    device,
    property,
    kind: 'desired' as const,
    at,
    value,
    before: was,
    actor,
    reason,
  }));
}
