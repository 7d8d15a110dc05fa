// SPDX-License-Identifier: Apache-2.0
import { NOT_RELEASED } from '@causeway/plugin-delivery-common';
import { kustomizationFile } from './kustomizationFile';
import {
  serviceFolder,
  type FileChange,
  type Files,
  type Onboarding,
  type Place,
  type Step,
} from './Onboarding';
import { daemonSet, manifestsBelow, writeFolder } from './planBase';

/** The folder of one target: what differs there from the base, and the images that promotions set. */
export function planOverlay(
  files: Files,
  onboarding: Onboarding,
  place: Place,
): Step {
  const { path } = place.target;
  if (kustomizationFile(files, path) !== undefined) {
    const isUncoloured =
      place.stage.blueGreen !== undefined &&
      kustomizationFile(files, `${path}/blue`) === undefined;
    if (isUncoloured) return refuseColours(path);
  } else if (!path.startsWith(`${serviceFolder(onboarding.service)}/`)) {
    return {
      conflicts: [
        {
          path,
          reason: `The pipeline wants ${path}, which is not below ${serviceFolder(
            onboarding.service,
          )} and does not exist. Make it by hand, or take \`path\` out of the pipeline document.`,
        },
      ],
    };
  }
  const wanted = manifestsBelow(onboarding, path);
  if (wanted) return writeFolder(files, path, wanted);
  return writeFolder(files, path, ownOverlay(onboarding, place));
}

/** An overlay that people use is not turned into two by a program. */
function refuseColours(path: string): Step {
  return {
    conflicts: [
      {
        path: `${path}/kustomization.yaml`,
        reason:
          'The pipeline has two colours here, but the overlay has one Deployment. Split it by hand as the documentation of blue/green says, or take `blueGreen` out of the pipeline document.',
        diff: '- resources: [ … ]\n+ resources: [service.yaml, blue, green]',
      },
    ],
  };
}

function ownOverlay(
  onboarding: Onboarding,
  place: Place,
): readonly FileChange[] {
  const { path, workload } = place.target;
  if (place.stage.blueGreen) return twoColours(onboarding, place);
  if (workload.kind === 'DaemonSet') return onePerDevice(onboarding, place);
  return [
    {
      path: `${path}/kustomization.yaml`,
      content: `apiVersion: kustomize.config.k8s.io/v1beta1
kind: Kustomization
resources:
  - ${baseFrom(onboarding, path)}
${variantLines(place)}${imageLines(onboarding)}`,
    },
  ];
}

/** A pod on each device instead of the base's Deployment, for a stage in which a wave replaces them. */
function onePerDevice(
  onboarding: Onboarding,
  { target, variant }: Place,
): readonly FileChange[] {
  return [
    {
      path: `${target.path}/kustomization.yaml`,
      content: `apiVersion: kustomize.config.k8s.io/v1beta1
kind: Kustomization
namespace: ${target.workload.namespace}
${variant ? `nameSuffix: -${variant}\n` : ''}resources:
  - daemonset.yaml
labels:
  - includeSelectors: true
    pairs:
      app.kubernetes.io/name: ${onboarding.service}
${
  variant ? `      causeway.dev/variant: ${variant}\n` : ''
}  - includeTemplates: true
    pairs:
      backstage.io/kubernetes-id: ${onboarding.service}
${imageLines(onboarding)}`,
    },
    {
      path: `${target.path}/daemonset.yaml`,
      content: daemonSet(onboarding, variant),
    },
  ];
}

/** The way from a folder of the service back to its base. */
function baseFrom({ service }: Onboarding, folder: string): string {
  const below = folder.slice(serviceFolder(service).length + 1);
  return `${'../'.repeat(below.split('/').length)}base`;
}

/** What tells the pods of one kind of device from those of another, and sends them there. */
function variantLines({ variant }: Place): string {
  if (variant === undefined) return '';
  return `nameSuffix: -${variant}
labels:
  - includeSelectors: true
    pairs:
      causeway.dev/variant: ${variant}
patches:
  - target:
      kind: Deployment
    patch: |
      - op: add
        path: /spec/template/spec/nodeSelector
        value:
          causeway.dev/device: ${variant}
`;
}

function imageLines({ pipeline, release }: Onboarding): string {
  const entries = pipeline.images.map((name, index) => {
    // A release given by hand is of the first image; promotions know all.
    const isKnown = release !== undefined && index === 0;
    const pinned = isKnown
      ? `    newTag: ${JSON.stringify(release.tag)}\n    digest: ${
          release.digest
        }\n`
      : `    newTag: ${NOT_RELEASED}\n`;
    return `  - name: ${name}\n${pinned}`;
  });
  return `# Set by promotions; everything else in this file is yours.
images:
${entries.join('')}`;
}

function twoColours(
  onboarding: Onboarding,
  place: Place,
): readonly FileChange[] {
  const { path, workload } = place.target;
  const colour = (name: string, count: number) => ({
    path: `${path}/${name}/kustomization.yaml`,
    content: `apiVersion: kustomize.config.k8s.io/v1beta1
kind: Kustomization
resources:
  - ${baseFrom(onboarding, `${path}/${name}`)}
nameSuffix: ${place.variant ? `-${place.variant}` : ''}-${name}
labels:
  - includeSelectors: true
    pairs:
      causeway.dev/colour: ${name}${
      place.variant ? `\n      causeway.dev/variant: ${place.variant}` : ''
    }
# Counts and images are set by promotions; everything else in this file is yours.
replicas:
  - name: ${onboarding.service}
    count: ${count}
${imageLines(onboarding).replace(/^#.*\n/, '')}`,
  });
  return [
    {
      path: `${path}/kustomization.yaml`,
      content: `apiVersion: kustomize.config.k8s.io/v1beta1
kind: Kustomization
resources:
  - service.yaml
  - blue
  - green
`,
    },
    {
      path: `${path}/service.yaml`,
      content: `apiVersion: v1
kind: Service
metadata:
  name: ${workload.name}
  namespace: ${workload.namespace}
spec:
  selector:
    app.kubernetes.io/name: ${onboarding.service}
    causeway.dev/colour: blue${
      place.variant ? `\n    causeway.dev/variant: ${place.variant}` : ''
    }
  ports:
    - name: http
      port: 80
      targetPort: http
`,
    },
    colour('blue', 2),
    colour('green', 0),
  ];
}
