// SPDX-License-Identifier: Apache-2.0
import { listIn, numberIn, recordIn, textIn } from '../../clusters/fields';
import type { ConfiguredProbe } from './readProbeConfig';

/** Marks the Jobs of probes and their pods; the value is the promotion whose wave asked. */
export const probeLabel = 'causeway.dev/wave-probe';
/** Which device a Job is for, and which probe it runs. */
export const deviceAnnotation = 'causeway.dev/device';
export const probeAnnotation = 'causeway.dev/probe';

/** What one run of a probe is about. */
export interface ProbeOrder {
  /** Of the Job: the same for one attempt, whoever makes it. */
  readonly name: string;
  readonly namespace: string;
  /** Id of the promotion. */
  readonly promotion: string;
  /** Id of the device. */
  readonly device: string;
  readonly node: string;
  /** Of the images of the release. */
  readonly digests: readonly string[];
}

/** The pod that is to be tested, as the API server has it. */
export interface TestedPod {
  readonly namespace: string;
  readonly name: string;
  readonly ip: string;
  /** Its own tolerations of `NoExecute`: what would drive it from its device would drive the probe, too. */
  readonly tolerations: readonly object[];
}

/** An outcome is read within seconds; what nobody reads goes by itself, in seconds. */
const keptSeconds = 3_600;
/** Nobody. */
const user = 65_534;

/** What has to be known of a pod to test it; undefined while it has no address. */
export function testedPod(pod: unknown): TestedPod | undefined {
  const metadata = recordIn(pod, 'metadata');
  const namespace = textIn(metadata, 'namespace');
  const name = textIn(metadata, 'name');
  const ip = textIn(recordIn(pod, 'status'), 'podIP');
  if (!namespace || !name || !ip) return undefined;
  return {
    namespace,
    name,
    ip,
    tolerations: listIn(recordIn(pod, 'spec'), 'tolerations').flatMap(
      tolerationOfExecution,
    ),
  };
}

function tolerationOfExecution(toleration: unknown): readonly object[] {
  const effect = textIn(toleration, 'effect') ?? '';
  if (effect !== '' && effect !== 'NoExecute') return [];
  return [
    {
      key: textIn(toleration, 'key'),
      operator: textIn(toleration, 'operator'),
      value: textIn(toleration, 'value'),
      effect: 'NoExecute',
      tolerationSeconds: numberIn(toleration, 'tolerationSeconds'),
    },
  ];
}

/** The longest that a Job may last until it has an outcome or never will, in seconds. */
export function longestProbe({ start, timeout }: ConfiguredProbe): number {
  return 2 * start + timeout;
}

/** The Job that runs a probe once on one device. */
export function probeJob(
  order: ProbeOrder,
  probe: ConfiguredProbe,
  tested: TestedPod,
): object {
  const labels = {
    'app.kubernetes.io/managed-by': 'causeway',
    [probeLabel]: order.promotion,
  };
  const env = {
    PROBE_NODE: order.node,
    PROBE_NAMESPACE: tested.namespace,
    PROBE_POD: tested.name,
    PROBE_POD_IP: tested.ip,
    PROBE_IMAGE_DIGEST: order.digests.join(' '),
  };
  return {
    apiVersion: 'batch/v1',
    kind: 'Job',
    metadata: {
      name: order.name,
      namespace: order.namespace,
      labels,
      annotations: {
        [deviceAnnotation]: order.device,
        [probeAnnotation]: probe.name,
      },
    },
    spec: {
      backoffLimit: 0,
      activeDeadlineSeconds: longestProbe(probe),
      ttlSecondsAfterFinished: keptSeconds,
      template: {
        metadata: { labels },
        spec: {
          // Past the scheduler: it must run just there, on a cordoned device too.
          nodeName: order.node,
          tolerations: tested.tolerations,
          restartPolicy: 'Never',
          // By the kubelet, so that its pod stays and tells how long it has run.
          activeDeadlineSeconds: probe.start + probe.timeout,
          terminationGracePeriodSeconds: 5,
          enableServiceLinks: false,
          automountServiceAccountToken: probe.serviceAccount !== undefined,
          ...(probe.serviceAccount && {
            serviceAccountName: probe.serviceAccount,
          }),
          securityContext: {
            runAsNonRoot: true,
            runAsUser: user,
            runAsGroup: user,
            seccompProfile: { type: 'RuntimeDefault' },
          },
          containers: [
            {
              name: 'probe',
              image: probe.image,
              imagePullPolicy: 'IfNotPresent',
              command: [...probe.command],
              env: Object.entries(env).map(([name, value]) => ({
                name,
                value,
              })),
              resources: {
                requests: { cpu: '20m', memory: '32Mi' },
                limits: {
                  cpu: '500m',
                  memory: '256Mi',
                  'ephemeral-storage': '64Mi',
                },
              },
              securityContext: {
                allowPrivilegeEscalation: false,
                capabilities: { drop: ['ALL'] },
              },
              terminationMessagePolicy: 'FallbackToLogsOnError',
            },
          ],
        },
      },
    },
  };
}
