// SPDX-License-Identifier: Apache-2.0
import { KubernetesObject, Resource, StringMap } from '../runtime/resources';

/** One property of a kind of device. */
export interface ModelProperty {
  readonly name: string;
  readonly description?: string;
  readonly type:
    | 'INT'
    | 'FLOAT'
    | 'DOUBLE'
    | 'STRING'
    | 'BOOLEAN'
    | 'BYTES'
    | 'STREAM';
  readonly accessMode: 'ReadWrite' | 'ReadOnly';
  readonly minimum?: string;
  readonly maximum?: string;
  readonly unit?: string;
}

/** A kind of device. */
export interface DeviceModel extends KubernetesObject {
  readonly spec: {
    readonly protocol?: string;
    readonly properties?: readonly ModelProperty[];
  };
}

/** A value of a twin. Values are text; the metadata hold `timestamp`, milliseconds since the epoch as text, and `type`. */
export interface TwinValue {
  readonly value: string;
  readonly metadata?: StringMap;
}

/** What the edge says of one property. */
export interface Twin {
  readonly propertyName: string;
  /** The wish that has arrived at the edge. */
  readonly observedDesired?: TwinValue;
  /** What the device says. */
  readonly reported?: TwinValue;
}

/** What the edge says of a device. */
export interface TwinStatus {
  readonly twins?: readonly Twin[];
  readonly state?: string;
  /** RFC 3339; empty while the device is not online. */
  readonly lastOnlineTime?: string;
}

/** One property of a device, and the wish for it. */
export interface DeviceProperty {
  readonly name: string;
  readonly desired?: TwinValue;
  /** Milliseconds between two reports. */
  readonly reportCycle?: number;
  readonly reportToCloud?: boolean;
}

/** A device behind an edge node. */
export interface Device extends KubernetesObject {
  readonly spec: {
    readonly deviceModelRef?: { readonly name: string };
    readonly nodeName?: string;
    readonly properties?: readonly DeviceProperty[];
  };
  /** Up to KubeEdge 1.22 it holds the twins. */
  readonly status?: TwinStatus;
}

/** What KubeEdge says of a device from 1.23 on; it has the name of the device. */
export interface DeviceStatus extends KubernetesObject {
  readonly spec?: object;
  readonly status?: TwinStatus;
}

const devicesApi = 'devices.kubeedge.io/v1beta1';

export const deviceModels: Resource<DeviceModel> = {
  apiVersion: devicesApi,
  kind: 'DeviceModel',
  plural: 'devicemodels',
  namespaced: true,
};

export const devices: Resource<Device> = {
  apiVersion: devicesApi,
  kind: 'Device',
  plural: 'devices',
  namespaced: true,
};

export const deviceStatuses: Resource<DeviceStatus> = {
  apiVersion: devicesApi,
  kind: 'DeviceStatus',
  plural: 'devicestatuses',
  namespaced: true,
};
