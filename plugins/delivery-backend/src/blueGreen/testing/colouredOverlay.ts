// SPDX-License-Identifier: Apache-2.0
import {
  colours,
  type Colour,
  type ReleaseImage,
  type Target,
} from '@causeway/plugin-delivery-common';

/** The files of an overlay with two colours over a base; blue has the image and serves. */
export function colouredOverlay(
  { path, workload }: Target,
  {
    image,
    tag,
    digest,
    replicas,
  }: { readonly image: string; readonly replicas: number } & Pick<
    ReleaseImage,
    'tag' | 'digest'
  >,
): Readonly<Record<string, string>> {
  const { name, namespace } = workload;
  const colourFile = (colour: Colour) => `resources:
  - ../../../base
  - smoke.yaml
nameSuffix: -${colour}
labels:
  - includeSelectors: true
    pairs:
      causeway.dev/colour: ${colour}
replicas:
  - name: ${name}
    count: ${colour === 'blue' ? replicas : 0}
images:
  - name: ${image}
    newTag: ${tag}
    digest: ${digest}
`;
  return {
    [`${path}/kustomization.yaml`]: `resources:
  - service.yaml
  - blue
  - green
`,
    [`${path}/service.yaml`]: `apiVersion: v1
kind: Service
metadata:
  name: ${name}
  namespace: ${namespace}
spec:
  selector:
    app.kubernetes.io/name: ${name}
    causeway.dev/colour: blue # who serves
  ports:
    - name: http
      port: 80
      targetPort: http
`,
    ...Object.fromEntries(
      colours.map(colour => [
        `${path}/${colour}/kustomization.yaml`,
        colourFile(colour),
      ]),
    ),
    ...Object.fromEntries(
      colours.map(colour => [
        `${path}/${colour}/smoke.yaml`,
        smokeTestFile(name, namespace, image),
      ]),
    ),
  };
}

/** A Job that tries a colour; the simulated nodes let it fail when `fault` says so. */
export function smokeTestFile(
  name: string,
  namespace: string,
  image: string,
  fault: 'none' | 'crash' = 'none',
): string {
  return `apiVersion: batch/v1
kind: Job
metadata:
  name: ${name}-smoke
  namespace: ${namespace}
  labels:
    causeway.dev/smoke-test: ${name}
spec:
  backoffLimit: 0
  template:
    metadata:
      annotations:
        simulator.causeway.dev/fault: ${fault}
    spec:
      restartPolicy: Never
      containers:
        - name: smoke
          image: ${image}
          args: [smoke-test]
`;
}
