// SPDX-License-Identifier: Apache-2.0
import { kustomizationFile } from './kustomizationFile';
import {
  serviceFolder,
  type FileChange,
  type Files,
  type Onboarding,
  type Step,
} from './Onboarding';

/** The folder that all overlays build on. Once it is there, it is the team's. */
export function planBase(files: Files, onboarding: Onboarding): Step {
  const folder = `${serviceFolder(onboarding.service)}/base`;
  const wanted = manifestsBelow(onboarding, folder) ?? ownBase(onboarding);
  return writeFolder(files, folder, wanted);
}

/** What the service itself brings for a folder; undefined when that is nothing. */
export function manifestsBelow(
  { service, manifests }: Onboarding,
  folder: string,
): readonly FileChange[] | undefined {
  const place = `${serviceFolder(service)}/`;
  if (!manifests || !folder.startsWith(place)) return undefined;
  const below = `${folder.slice(place.length)}/`;
  const found = [...manifests]
    .filter(([path]) => path.startsWith(below))
    .map(([path, content]) => ({ path: `${place}${path}`, content }));
  return found.length > 0 ? found : undefined;
}

/** Writes a folder that is not there; leaves one that is, and says which of its files differ. */
export function writeFolder(
  files: Files,
  folder: string,
  wanted: readonly FileChange[],
): Step {
  if (kustomizationFile(files, folder) === undefined) return { writes: wanted };
  return {
    kept: wanted
      .filter(
        ({ path, content }) =>
          withoutPromotions(files.get(path) ?? '') !==
          withoutPromotions(content),
      )
      .map(({ path }) => path),
  };
}

/** A text without the values that promotions set: those are no changes of people. */
function withoutPromotions(text: string): string {
  return text
    .replace(/^\s*(newTag|digest|count): .*\n/gm, '')
    .replace(/^components:\n\s+- canary\n(?!\s+- )|^\s*- canary\n/gm, '');
}

function ownBase(onboarding: Onboarding): readonly FileChange[] {
  const folder = `${serviceFolder(onboarding.service)}/base`;
  return [
    {
      path: `${folder}/kustomization.yaml`,
      content: kustomization(onboarding),
    },
    { path: `${folder}/deployment.yaml`, content: deployment(onboarding) },
    { path: `${folder}/service.yaml`, content: serviceObject(onboarding) },
  ];
}

function kustomization(onboarding: Onboarding): string {
  return `apiVersion: kustomize.config.k8s.io/v1beta1
kind: Kustomization
namespace: ${namespaceOf(onboarding)}
resources:
  - deployment.yaml
  - service.yaml
labels:
  - includeSelectors: true
    pairs:
      app.kubernetes.io/name: ${onboarding.service}
  - includeTemplates: true
    pairs:
      backstage.io/kubernetes-id: ${onboarding.service}
`;
}

/** Where the workloads of a service live; all its targets say the same. */
export function namespaceOf({ pipeline }: Onboarding): string {
  const [target] = pipeline.stages.flatMap(({ targets }) => targets);
  return target?.workload.namespace ?? 'default';
}

function deployment(onboarding: Onboarding): string {
  return `apiVersion: apps/v1
kind: Deployment
metadata:
  name: ${onboarding.service}
spec:
  replicas: 2
  revisionHistoryLimit: 3
  progressDeadlineSeconds: 300
  strategy:
    rollingUpdate:
      maxSurge: 1
      maxUnavailable: 0
${podTemplate(onboarding)}`;
}

/** One pod on each device, replaced when the portal says so. */
export function daemonSet(onboarding: Onboarding, variant?: string): string {
  return `apiVersion: apps/v1
kind: DaemonSet
metadata:
  name: ${onboarding.service}
spec:
  revisionHistoryLimit: 3
  updateStrategy:
    type: OnDelete
${podTemplate(
  onboarding,
  variant
    ? `      nodeSelector:\n        causeway.dev/device: ${variant}\n`
    : '',
)}`;
}

function podTemplate(onboarding: Onboarding, selector = ''): string {
  return `  template:
    spec:
${selector}      automountServiceAccountToken: false
      securityContext:
        runAsNonRoot: true
        seccompProfile:
          type: RuntimeDefault
      containers:
        - name: ${onboarding.service}
          image: ${onboarding.pipeline.images[0]}
          ports:
            - name: http
              containerPort: ${onboarding.port}
          readinessProbe:
            tcpSocket:
              port: http
          resources:
            requests:
              cpu: 50m
              memory: 64Mi
            limits:
              memory: 256Mi
          securityContext:
            allowPrivilegeEscalation: false
            capabilities:
              drop: [ALL]
`;
}

function serviceObject(onboarding: Onboarding): string {
  return `apiVersion: v1
kind: Service
metadata:
  name: ${onboarding.service}
spec:
  ports:
    - name: http
      port: 80
      targetPort: http
`;
}
