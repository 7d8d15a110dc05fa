// SPDX-License-Identifier: Apache-2.0
import type { FileChange } from '../../git/importCommits';
import { imageOf, type DemoService } from './services';

const colours = ['blue', 'green'] as const;

/** Which image a colour runs. */
interface Version {
  readonly tag: string;
  readonly digest: string;
}

/**
 * The files of an overlay in which a service has two places, blue and green, and a Service before
 * them that selects one. Blue serves in the beginning, and green has no pods.
 */
export function colouredOverlay(
  service: DemoService,
  folder: string,
  version: Version,
): FileChange[] {
  return [
    {
      path: `${folder}/kustomization.yaml`,
      content: `apiVersion: kustomize.config.k8s.io/v1beta1
kind: Kustomization
resources:
  - service.yaml
  - blue
  - green
`,
    },
    {
      path: `${folder}/service.yaml`,
      content: `apiVersion: v1
kind: Service
metadata:
  name: ${service.name}
  namespace: ${service.system}
  labels:
    app.kubernetes.io/part-of: ${service.system}
    backstage.io/kubernetes-id: ${service.name}
spec:
  selector:
    app.kubernetes.io/name: ${service.name}
    causeway.dev/colour: blue # set by promotions
  ports:
    - name: http
      port: 80
      targetPort: http
`,
    },
    ...colours.flatMap(colour => [
      {
        path: `${folder}/${colour}/kustomization.yaml`,
        content: colourFile(service, colour, version),
      },
      {
        path: `${folder}/${colour}/smoke.yaml`,
        content: smokeTest(service, colour),
      },
    ]),
  ];
}

type Colour = (typeof colours)[number];

function colourFile(
  service: DemoService,
  colour: Colour,
  { tag, digest }: Version,
): string {
  return `apiVersion: kustomize.config.k8s.io/v1beta1
kind: Kustomization
resources:
  - ../../../base
  - smoke.yaml
nameSuffix: -${colour}
labels:
  - includeSelectors: true
    pairs:
      causeway.dev/colour: ${colour}
# Set by promotions, like the following; everything else in this file is yours.
replicas:
  - name: ${service.name}
    count: ${colour === 'blue' ? service.replicas : 0}
images:
  - name: ${imageOf(service)}
    newTag: ${tag}
    digest: ${digest}
`;
}

function smokeTest(service: DemoService, colour: Colour): string {
  const { name, system } = service;
  return `apiVersion: batch/v1
kind: Job
metadata:
  name: ${name}-smoke
  namespace: ${system}
  labels:
    causeway.dev/smoke-test: ${name}
spec:
  backoffLimit: 6 # it begins together with the pods that it tries
  template:
    spec:
      restartPolicy: Never
      securityContext:
        runAsNonRoot: true
      containers:
        - name: smoke
          image: ${imageOf(service)}
          args: [smoke-test, 'http://${name}-${colour}']
`;
}
