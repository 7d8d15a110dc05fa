// SPDX-License-Identifier: Apache-2.0
import {
  parseImage,
  wantedImages,
  type PromotionOfWave,
} from '@causeway/plugin-delivery-common';
import { flagIn, listIn, recordIn, textIn } from '../clusters/fields';
import { pullLabel } from '../fleet/trimPulls';
import type { PullToMake } from './pullsToSettle';

/** What a pull takes from the template of its workload, as the cluster has it. */
export interface PullTemplate {
  /** As rendered, with its registry; those of the release only. */
  readonly images: readonly string[];
  /** Names of Secrets in the namespace of the workload. Their content is never read. */
  readonly secrets: readonly string[];
  readonly serviceAccount?: string;
  readonly hostNetwork: boolean;
}

/** An image that has not come by then does not come. */
const patience = 7_200;
/** No image has a program of this name, so nothing of the release is started ahead of its turn. */
const nothing = '/causeway-only-pulls';

/** Reads the template of a DaemonSet; undefined when it holds nothing of the release. */
export function pullTemplate(
  daemonSet: unknown,
  promotion: PromotionOfWave,
): PullTemplate | undefined {
  const template = recordIn(recordIn(daemonSet, 'spec'), 'template');
  const spec = recordIn(template, 'spec');
  const wanted = wantedImages(promotion);
  const images = [
    ...listIn(spec, 'containers'),
    ...listIn(spec, 'initContainers'),
  ]
    .flatMap(container => textIn(container, 'image') ?? [])
    .filter(text => {
      const image = parseImage(text);
      return wanted.some(
        ({ name, digest }) => name === image?.name && digest === image.digest,
      );
    });
  if (images.length === 0) return undefined;
  return {
    images: [...new Set(images)],
    secrets: listIn(spec, 'imagePullSecrets').flatMap(
      secret => textIn(secret, 'name') ?? [],
    ),
    serviceAccount: textIn(spec, 'serviceAccountName'),
    hostNetwork: flagIn(spec, 'hostNetwork'),
  };
}

/** What to create for a pull, and where. */
export function pullManifest(
  pull: PullToMake,
  template: PullTemplate,
  promotion: string,
): { readonly path: string; readonly body: object } {
  const labels = {
    'app.kubernetes.io/managed-by': 'causeway',
    [pullLabel]: promotion,
  };
  // A job of KubeEdge takes one Secret.
  return pull.by === 'ImagePrePullJob' && template.secrets.length <= 1
    ? job(pull, template, labels)
    : pod(pull, template, labels);
}

function job(
  { name, node, target }: PullToMake,
  { images, secrets: [secret] }: PullTemplate,
  labels: object,
) {
  return {
    path: '/apis/operations.kubeedge.io/v1alpha2/imageprepulljobs',
    body: {
      apiVersion: 'operations.kubeedge.io/v1alpha2',
      kind: 'ImagePrePullJob',
      metadata: { name, labels },
      spec: {
        imagePrePullTemplate: {
          images: [...images],
          nodeNames: [node],
          checkItems: ['disk'],
          concurrency: 1,
          retryTimes: 2,
          timeoutSeconds: patience,
          ...(secret && {
            imageSecrets: `${target.workload.namespace}/${secret}`,
          }),
        },
      },
    },
  };
}

function pod(
  { name, node, target }: PullToMake,
  { images, secrets, serviceAccount, hostNetwork }: PullTemplate,
  labels: object,
) {
  const { namespace } = target.workload;
  const little = { cpu: '10m', memory: '16Mi' };
  return {
    path: `/api/v1/namespaces/${encodeURIComponent(namespace)}/pods`,
    body: {
      apiVersion: 'v1',
      kind: 'Pod',
      metadata: { name, namespace, labels },
      spec: {
        // Past the scheduler: it must go just there, to a cordoned device too.
        nodeName: node,
        tolerations: [{ operator: 'Exists' }],
        restartPolicy: 'Never',
        activeDeadlineSeconds: patience,
        terminationGracePeriodSeconds: 0,
        enableServiceLinks: false,
        automountServiceAccountToken: false,
        // It may be the account that has the Secrets of the registry.
        ...(serviceAccount && { serviceAccountName: serviceAccount }),
        ...(secrets.length > 0 && {
          imagePullSecrets: secrets.map(secret => ({ name: secret })),
        }),
        ...(hostNetwork && { hostNetwork }),
        securityContext: {
          runAsNonRoot: true,
          runAsUser: 65_534,
          seccompProfile: { type: 'RuntimeDefault' },
        },
        containers: images.map((image, index) => ({
          name: `image-${index}`,
          image,
          imagePullPolicy: 'IfNotPresent',
          command: [nothing],
          resources: { requests: little, limits: little },
          securityContext: {
            allowPrivilegeEscalation: false,
            capabilities: { drop: ['ALL'] },
          },
        })),
      },
    },
  };
}
