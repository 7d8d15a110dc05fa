// SPDX-License-Identifier: Apache-2.0
import {
  Condition,
  KubernetesObject,
  Resource,
  StringMap,
} from '../runtime/resources';

/** Where a canary stands, in the words of its status. */
export type CanaryPhase =
  | 'Initializing'
  | 'Initialized'
  | 'Waiting'
  | 'Progressing'
  | 'WaitingPromotion'
  | 'Promoting'
  | 'Finalising'
  | 'Succeeded'
  | 'Failed';

/** When a webhook is called; without one it is `rollout`. */
export type WebhookType =
  | 'confirm-rollout'
  | 'pre-rollout'
  | 'rollout'
  | 'confirm-traffic-increase'
  | 'confirm-promotion'
  | 'post-rollout'
  | 'rollback'
  | 'event';

/** A webhook of an analysis. */
export interface CanaryWebhook {
  readonly name: string;
  readonly type?: WebhookType;
  readonly url: string;
  readonly timeout?: string;
  readonly metadata?: StringMap;
}

/** A metric of an analysis: one of Flagger's own by name, a query, or a template. */
export interface CanaryMetric {
  readonly name: string;
  readonly interval?: string;
  readonly threshold?: number;
  readonly thresholdRange?: { readonly min?: number; readonly max?: number };
  readonly query?: string;
  readonly templateRef?: { readonly name: string; readonly namespace?: string };
  readonly templateVariables?: StringMap;
}

/** How a canary is analysed. */
export interface CanaryAnalysis {
  readonly interval?: string;
  readonly threshold?: number;
  readonly maxWeight?: number;
  readonly stepWeight?: number;
  readonly stepWeights?: readonly number[];
  readonly stepWeightPromotion?: number;
  readonly iterations?: number;
  readonly match?: readonly object[];
  readonly mirror?: boolean;
  readonly primaryReadyThreshold?: number;
  readonly canaryReadyThreshold?: number;
  readonly metrics?: readonly CanaryMetric[];
  readonly webhooks?: readonly CanaryWebhook[];
}

/** What a canary reports. */
export interface CanaryStatus {
  readonly phase?: CanaryPhase;
  readonly canaryWeight?: number;
  readonly failedChecks?: number;
  readonly iterations?: number;
  readonly lastAppliedSpec?: string;
  readonly lastPromotedSpec?: string;
  readonly lastTransitionTime?: string;
  readonly trackedConfigs?: StringMap;
  readonly conditions?: readonly Condition[];
}

/** A canary of `flagger.app/v1beta1`. */
export interface Canary extends KubernetesObject {
  readonly spec: {
    readonly provider?: string;
    readonly metricsServer?: string;
    readonly suspend?: boolean;
    readonly skipAnalysis?: boolean;
    readonly progressDeadlineSeconds?: number;
    readonly targetRef: {
      readonly apiVersion?: string;
      readonly kind: string;
      readonly name: string;
    };
    readonly service: {
      readonly name?: string;
      readonly port: number;
      readonly portName?: string;
      readonly targetPort?: number | string;
      readonly gatewayRefs?: readonly object[];
      readonly hosts?: readonly string[];
      readonly match?: readonly object[];
    };
    readonly analysis?: CanaryAnalysis;
  };
  readonly status?: CanaryStatus;
}

/** A query that many canaries share. */
export interface MetricTemplate extends KubernetesObject {
  readonly spec: {
    readonly provider: { readonly type: string; readonly address?: string };
    readonly query: string;
  };
}

/** A route of the Gateway API, as far as weights go. */
export interface HttpRoute extends KubernetesObject {
  readonly spec: {
    readonly rules?: readonly {
      readonly backendRefs?: readonly {
        readonly name: string;
        readonly weight?: number;
      }[];
      readonly filters?: readonly {
        readonly type: string;
        readonly requestMirror?: {
          readonly backendRef: { readonly name: string };
        };
      }[];
    }[];
  };
}

/** Traefik's weighted service. */
export interface TraefikService extends KubernetesObject {
  readonly spec: {
    readonly weighted: {
      readonly services?: readonly {
        readonly name: string;
        readonly weight?: number;
      }[];
    };
  };
}

export const canaries: Resource<Canary> = {
  apiVersion: 'flagger.app/v1beta1',
  kind: 'Canary',
  plural: 'canaries',
  namespaced: true,
};
export const metricTemplates: Resource<MetricTemplate> = {
  apiVersion: 'flagger.app/v1beta1',
  kind: 'MetricTemplate',
  plural: 'metrictemplates',
  namespaced: true,
};
export const httpRoutes: Resource<HttpRoute> = {
  apiVersion: 'gateway.networking.k8s.io/v1',
  kind: 'HTTPRoute',
  plural: 'httproutes',
  namespaced: true,
};
export const traefikServices: Resource<TraefikService> = {
  apiVersion: 'traefik.containo.us/v1alpha1',
  kind: 'TraefikService',
  plural: 'traefikservices',
  namespaced: true,
};

/** Names of the services of a canary: the one that users call, and the two behind it. */
export function serviceNames({ spec }: Canary): {
  readonly apex: string;
  readonly primary: string;
  readonly canary: string;
} {
  const apex = spec.service.name ?? spec.targetRef.name;
  return { apex, primary: `${apex}-primary`, canary: `${apex}-canary` };
}
