// SPDX-License-Identifier: Apache-2.0
import type { FileChanges } from './FluxStage';

/** How a deployment differs from the usual one. */
export interface DeploymentSettings {
  /** A line of the pod's spec. */
  readonly pod?: string;
  readonly progressDeadline?: number;
  /** Value of the label `app` that the selector asks for; the deployment's name when left out. */
  readonly selected?: string;
}

/** Pods that no node takes. */
export const unschedulable = { pod: 'nodeSelector: {no: where}' };

/** The manifest of a deployment in `flux-apps`. */
export function deployment(
  name: string,
  image: string,
  {
    pod = '',
    progressDeadline = 600,
    selected = name,
  }: DeploymentSettings = {},
): string {
  return `apiVersion: apps/v1
kind: Deployment
metadata: {name: ${name}, namespace: flux-apps}
spec:
  replicas: 2
  progressDeadlineSeconds: ${progressDeadline}
  selector: {matchLabels: {app: ${selected}}}
  template:
    metadata: {labels: {app: ${selected}}}
    spec:
      ${pod}
      containers: [{name: c, image: "${image}"}]
`;
}

/** A kustomization file over these resources. */
export function kustomization(resources: string): string {
  return `apiVersion: kustomize.config.k8s.io/v1beta1\nkind: Kustomization\nresources: [${resources}]\n`;
}

/** A folder with one deployment. */
export function base(
  name: string,
  tag: string,
  settings?: DeploymentSettings,
): FileChanges {
  return {
    'apps/kustomization.yaml': kustomization('deploy.yaml'),
    'apps/deploy.yaml': deployment(name, `ex/app:${tag}`, settings),
  };
}

/** A folder with a deployment and a canary of it. */
export function withCanary(name: string, tag: string): FileChanges {
  return {
    'apps/kustomization.yaml': kustomization('deploy.yaml, canary.yaml'),
    'apps/deploy.yaml': deployment(name, `ex/app:${tag}`)
      .replace(`:${tag}"`, `:${tag}", ports: [{containerPort: 8080}]`)
      .replace('  replicas: 2\n', ''),
    'apps/canary.yaml': `apiVersion: flagger.app/v1beta1
kind: Canary
metadata: {name: ${name}, namespace: flux-apps}
spec:
  targetRef: {apiVersion: apps/v1, kind: Deployment, name: ${name}}
  progressDeadlineSeconds: 60
  service: {port: 80, targetPort: 8080, gatewayRefs: [{name: gw, namespace: flux-apps}]}
  analysis: {interval: 10s, threshold: 2, stepWeights: [5, 25, 50, 100]}
`,
  };
}
