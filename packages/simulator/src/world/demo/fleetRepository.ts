// SPDX-License-Identifier: Apache-2.0
import type { FileChange } from '../../git/importCommits';
import { colouredOverlay } from './colouredOverlay';
import { waveBaseFiles } from './waveOverlay';
import {
  clusters,
  imageOf,
  services,
  variantsIn,
  type DemoCluster,
  type DemoService,
} from './services';

const SYNC_INTERVAL: Record<DemoCluster, string> = {
  'cloud-staging': '1m',
  'cloud-production': '1m',
  'edge-staging': '5m',
  'edge-production': '5m',
};

/** What the fleet repository needs to know beside the services themselves. */
export interface FleetContent {
  /** URL that Flux clones, without credentials. */
  readonly fleetUrl: string;
  /** Digest of a service's image at a version. */
  digestOf(service: DemoService, version: string): string;
}

function suffixOf(variant: string | undefined): string {
  return variant ? `-${variant}` : '';
}

function overlayFolder(
  service: DemoService,
  cluster: DemoCluster,
  variant: string | undefined,
): string {
  const folder = `services/${service.name}/overlays/${cluster}`;
  return variant ? `${folder}/${variant}` : folder;
}

function deployedIn(cluster: DemoCluster): readonly DemoService[] {
  return services.filter(service => service.deployed[cluster]);
}

function baseFiles(service: DemoService): FileChange[] {
  const folder = `services/${service.name}/base`;
  return [
    {
      path: `${folder}/kustomization.yaml`,
      content: `apiVersion: kustomize.config.k8s.io/v1beta1
kind: Kustomization
namespace: ${service.system}
resources:
  - deployment.yaml
  - service.yaml
labels:
  - includeSelectors: true
    pairs:
      app.kubernetes.io/name: ${service.name}
  - pairs:
      app.kubernetes.io/part-of: ${service.system}
      backstage.io/kubernetes-id: ${service.name}
    includeTemplates: true
`,
    },
    {
      path: `${folder}/deployment.yaml`,
      content: `apiVersion: apps/v1
kind: Deployment
metadata:
  name: ${service.name}
spec:
  replicas: ${service.replicas}
  revisionHistoryLimit: 3
  progressDeadlineSeconds: 120
  strategy:
    type: RollingUpdate
    rollingUpdate:
      maxSurge: 50%
      maxUnavailable: 0
  template:
    spec:
      securityContext:
        runAsNonRoot: true
      containers:
        - name: ${service.name}
          image: ${imageOf(service)}
          ports:
            - name: http
              containerPort: 8080
          env:
            - name: QUEUE_MAX_MB
              value: "256"
          readinessProbe:
            httpGet:
              path: /healthz
              port: http
          resources:
            requests:
              cpu: 50m
              memory: 64Mi
            limits:
              cpu: "1"
              memory: 256Mi
`,
    },
    {
      path: `${folder}/service.yaml`,
      content: `apiVersion: v1
kind: Service
metadata:
  name: ${service.name}
spec:
  ports:
    - name: http
      port: 80
      targetPort: http
`,
    },
  ];
}

function edgeLines(
  variant: string | undefined,
  kind: 'Deployment' | 'DaemonSet',
): string {
  if (!variant) {
    return '';
  }
  return `nameSuffix: -${variant}
labels:
  - includeSelectors: true
    pairs:
      causeway.dev/variant: ${variant}
patches:
  - target:
      kind: ${kind}
    patch: |
      - op: add
        path: /spec/template/spec/nodeSelector
        value:
          causeway.dev/device: ${variant}
`;
}

/** Flagger makes the Services and counts the replicas, so Git must not declare them too. */
const canaryLines = `  - canary.yaml
patches:
  - target:
      kind: Deployment
    patch: |
      - op: remove
        path: /spec/replicas
  - target:
      kind: Service
    patch: |
      $patch: delete
      apiVersion: v1
      kind: Service
      metadata:
        name: any
`;

/** The questions that Flagger asks the portal. The key stays in the cluster: Flux puts it in. */
const hooks = [
  'confirm-rollout',
  'confirm-traffic-increase',
  'confirm-promotion',
  'rollback',
  'event',
];

function canaryFile(service: DemoService, cluster: DemoCluster): FileChange {
  const webhooks = hooks
    .map(
      type => `      - name: causeway-${type}
        type: ${type}
        url: \${causeway_url:=http://portal.invalid}/canary/\${causeway_cluster:=unknown}/${type}
        timeout: 10s
        metadata:
          key: \${causeway_key:=none}
`,
    )
    .join('');
  return {
    path: `${overlayFolder(service, cluster, undefined)}/canary.yaml`,
    content: `apiVersion: flagger.app/v1beta1
kind: Canary
metadata:
  name: ${service.name}
  namespace: ${service.system}
spec:
  targetRef:
    apiVersion: apps/v1
    kind: Deployment
    name: ${service.name}
  progressDeadlineSeconds: 120
  service:
    port: 80
    targetPort: 8080
    gatewayRefs:
      - name: public
        namespace: gateway
  analysis:
    interval: 10s
    threshold: 5
    stepWeights: [5, 25, 50, 100]
    # The portal judges; Flagger asks it before each step, and whether to take the canary back.
    webhooks:
${webhooks}`,
  };
}

function overlayFiles(
  service: DemoService,
  cluster: DemoCluster,
  digest: string,
): FileChange[] {
  if (service.blueGreenIn?.includes(cluster)) {
    return colouredOverlay(
      service,
      overlayFolder(service, cluster, undefined),
      { tag: service.deployed[cluster] ?? '', digest },
    );
  }
  const overlays = variantsIn(cluster).map(variant => {
    const folder = overlayFolder(service, cluster, variant);
    const isWave = service.waveIn?.includes(cluster) ?? false;
    const base = `${variant ? '../../..' : '../..'}/${
      isWave ? 'device' : 'base'
    }`;
    const replicas =
      !isWave && (cluster.startsWith('edge-') || cluster === 'cloud-staging')
        ? `replicas:
  - name: ${service.name}
    count: ${Math.min(2, service.replicas)}
`
        : '';
    const isCanary = service.canaryIn?.includes(cluster);
    return {
      path: `${folder}/kustomization.yaml`,
      content: `apiVersion: kustomize.config.k8s.io/v1beta1
kind: Kustomization
resources:
  - ${base}
${isCanary ? canaryLines : ''}${edgeLines(
        variant,
        isWave ? 'DaemonSet' : 'Deployment',
      )}${replicas}# Set by promotions; everything else in this file is yours.
images:
  - name: ${imageOf(service)}
    newTag: ${service.deployed[cluster]}
    digest: ${digest}
`,
    };
  });
  return service.canaryIn?.includes(cluster)
    ? [...overlays, canaryFile(service, cluster)]
    : overlays;
}

/** Where the portal is and how this cluster proves who it is; Flux takes it from a Secret of the cluster. */
const portalVariables = `  postBuild:
    substituteFrom:
      - kind: Secret
        name: causeway
        optional: true
`;

function fluxKustomization(
  service: DemoService,
  cluster: DemoCluster,
  variant: string | undefined,
): string {
  return `apiVersion: kustomize.toolkit.fluxcd.io/v1
kind: Kustomization
metadata:
  name: ${service.name}${suffixOf(variant)}
  namespace: flux-system
spec:
  interval: ${SYNC_INTERVAL[cluster]}
  retryInterval: 30s
  timeout: 2m
  path: ./${overlayFolder(service, cluster, variant)}
  prune: true
  wait: false
  sourceRef:
    kind: GitRepository
    name: fleet
${service.canaryIn?.includes(cluster) ? portalVariables : ''}`;
}

function clusterFiles(cluster: DemoCluster, fleetUrl: string): FileChange[] {
  const folder = `clusters/${cluster}`;
  const deployed = deployedIn(cluster);
  const namespaces = [...new Set(deployed.map(({ system }) => system))];
  return [
    {
      path: `${folder}/flux-system/gotk-sync.yaml`,
      content: `apiVersion: source.toolkit.fluxcd.io/v1
kind: GitRepository
metadata:
  name: fleet
  namespace: flux-system
spec:
  interval: ${SYNC_INTERVAL[cluster]}
  url: ${fleetUrl}
  ref:
    branch: main
---
apiVersion: kustomize.toolkit.fluxcd.io/v1
kind: Kustomization
metadata:
  name: cluster
  namespace: flux-system
spec:
  interval: 10m
  retryInterval: 30s
  path: ./${folder}
  prune: true
  sourceRef:
    kind: GitRepository
    name: fleet
`,
    },
    {
      path: `${folder}/kustomization.yaml`,
      content: `apiVersion: kustomize.config.k8s.io/v1beta1
kind: Kustomization
resources:
  - flux-system/gotk-sync.yaml
  - namespaces.yaml
${deployed.map(({ name }) => `  - ${name}.yaml\n`).join('')}`,
    },
    {
      path: `${folder}/namespaces.yaml`,
      content: namespaces
        .map(
          name => `apiVersion: v1
kind: Namespace
metadata:
  name: ${name}
  labels:
    pod-security.kubernetes.io/enforce: baseline
`,
        )
        .join('---\n'),
    },
    ...deployed.map(service => ({
      path: `${folder}/${service.name}.yaml`,
      content: variantsIn(cluster)
        .map(variant => fluxKustomization(service, cluster, variant))
        .join('---\n'),
    })),
  ];
}

const README = `# Fleet

What runs where at Norden Parcel. Flux applies \`clusters/<name>\` to the cluster of that name, and
from there one Kustomization per service, which points at an overlay under \`services\`.

Releases are moved by promotions in the portal, which change \`images\` of an overlay and nothing else.
Everything else here is changed by people, by hand.
`;

/** Every file of the fleet repository at the beginning of the demo. */
export function fleetFiles(content: FleetContent): FileChange[] {
  return [
    { path: 'README.md', content: README },
    ...clusters.flatMap(cluster => clusterFiles(cluster, content.fleetUrl)),
    ...services.flatMap(service => [
      ...baseFiles(service),
      ...(service.waveIn ? waveBaseFiles(service) : []),
      ...clusters.flatMap(cluster => {
        const version = service.deployed[cluster];
        return version
          ? overlayFiles(service, cluster, content.digestOf(service, version))
          : [];
      }),
    ]),
  ];
}
