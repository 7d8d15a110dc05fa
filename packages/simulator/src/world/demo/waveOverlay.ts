// SPDX-License-Identifier: Apache-2.0
import type { FileChange } from '../../git/importCommits';
import { imageOf, type DemoService } from './services';

/** The folder that the overlays of a wave share: one pod on each device, replaced only when it is deleted. */
export function waveBaseFiles(service: DemoService): FileChange[] {
  const folder = `services/${service.name}/device`;
  return [
    {
      path: `${folder}/kustomization.yaml`,
      content: `apiVersion: kustomize.config.k8s.io/v1beta1
kind: Kustomization
namespace: ${service.system}
resources:
  - daemonset.yaml
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
      path: `${folder}/daemonset.yaml`,
      content: `apiVersion: apps/v1
kind: DaemonSet
metadata:
  name: ${service.name}
spec:
  revisionHistoryLimit: 3
  # A wave decides which device gets the newest template, by deleting its pod.
  updateStrategy:
    type: OnDelete
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
  ];
}
