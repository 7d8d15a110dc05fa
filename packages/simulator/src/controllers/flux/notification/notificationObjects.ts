// SPDX-License-Identifier: Apache-2.0
import {
  Condition,
  KubernetesObject,
  Resource,
  StringMap,
} from '../../runtime/resources';
import { NamedReference } from '../fluxObjects';

/** Objects by name, or by labels when the name is `*`. */
export interface ObjectSelector extends NamedReference {
  readonly apiVersion?: string;
  readonly kind: string;
  readonly matchLabels?: StringMap;
}

/** How a receiver makes sure who is calling. */
export type ReceiverType =
  | 'generic'
  | 'generic-hmac'
  | 'github'
  | 'gitea'
  | 'gitlab';

/** A webhook that asks Flux for a look at some objects. */
export interface Receiver extends KubernetesObject {
  readonly spec: {
    readonly type: ReceiverType;
    /** Names of events that count; all when left out. */
    readonly events?: readonly string[];
    readonly resources: readonly ObjectSelector[];
    readonly secretRef: { readonly name: string };
    readonly suspend?: boolean;
  };
  readonly status?: {
    readonly observedGeneration?: number;
    readonly conditions?: readonly Condition[];
    /** `/hook/…` */
    readonly webhookPath?: string;
  };
}

/** Where events are posted to. */
export interface Provider extends KubernetesObject {
  readonly spec: {
    readonly type: string;
    readonly address?: string;
    readonly secretRef?: { readonly name: string };
    readonly suspend?: boolean;
  };
}

/** Which events are posted. */
export interface Alert extends KubernetesObject {
  readonly spec: {
    readonly providerRef: { readonly name: string };
    readonly eventSeverity?: 'info' | 'error';
    readonly eventSources: readonly ObjectSelector[];
    readonly eventMetadata?: StringMap;
    /** Regular expressions over the message. */
    readonly inclusionList?: readonly string[];
    readonly exclusionList?: readonly string[];
    readonly suspend?: boolean;
  };
}

/** An Event as the API server keeps it. */
export interface CoreEvent extends KubernetesObject {
  readonly involvedObject: {
    readonly apiVersion?: string;
    readonly kind: string;
    readonly namespace?: string;
    readonly name: string;
    readonly uid?: string;
    readonly resourceVersion?: string;
  };
  readonly type: string;
  readonly reason: string;
  readonly message: string;
  readonly count?: number;
  readonly lastTimestamp?: string;
  readonly reportingComponent?: string;
  readonly source?: { readonly component?: string };
}

export const receivers: Resource<Receiver> = {
  apiVersion: 'notification.toolkit.fluxcd.io/v1',
  kind: 'Receiver',
  plural: 'receivers',
  namespaced: true,
};

export const providers: Resource<Provider> = {
  apiVersion: 'notification.toolkit.fluxcd.io/v1beta3',
  kind: 'Provider',
  plural: 'providers',
  namespaced: true,
};

export const alerts: Resource<Alert> = {
  apiVersion: 'notification.toolkit.fluxcd.io/v1beta3',
  kind: 'Alert',
  plural: 'alerts',
  namespaced: true,
};

export const coreEvents: Resource<CoreEvent> = {
  apiVersion: 'v1',
  kind: 'Event',
  plural: 'events',
  namespaced: true,
};
