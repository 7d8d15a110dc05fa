// SPDX-License-Identifier: Apache-2.0
import { addToList } from './addToList';
import { kustomizationFile, yamlFilesBelow } from './kustomizationFile';
import { manifestsOf, type Manifest } from './manifests';
import type { FileChange, Files, Onboarding, Place, Step } from './Onboarding';

/** What Flagger asks the portal before it moves traffic, and after. */
const hooks = [
  'confirm-rollout',
  'confirm-traffic-increase',
  'confirm-promotion',
  'rollback',
  'event',
] as const;

/** The hooks without which the portal decides nothing. */
const neededHooks = hooks.filter(hook => hook !== 'event');

/**
 * Flagger's part of a target whose new versions get their traffic step by step: a component in the
 * overlay's folder. Flagger can only begin from a version that runs, so the overlay lists it from its
 * first release on; the commit of that promotion does so.
 */
export function planCanary(
  files: Files,
  onboarding: Onboarding,
  place: Place,
): Step {
  const { path } = place.target;
  const file = kustomizationFile(files, path);
  const text = file && files.get(file);
  if (!place.stage.strategy || file === undefined || text === undefined) {
    return {};
  }
  const existing = canaryIn(files, path);
  const checked = existing ? checkHooks(existing) : {};
  const isOwn = !existing || existing.path.startsWith(`${path}/canary/`);
  if (checked.conflicts || !isOwn) return checked;
  const component = existing ? [] : canaryComponent(onboarding, place);
  const wired = countsPods(text, onboarding) ? undefined : withComponent(text);
  if (wired === undefined) {
    return {
      conflicts: [
        {
          path: file,
          reason:
            'The Canary can not be added: `components` must be a list, and no `replicas` may count pods that Flagger counts.',
          diff: '+ components: [canary]',
        },
      ],
    };
  }
  const isReleased = /^\s*digest: sha256:[0-9a-f]{64}\s*$/m.test(text);
  return {
    writes: isReleased
      ? [...component, { path: file, content: wired }]
      : component,
  };
}

/** Undefined when the text has not the shape for it. */
function withComponent(text: string): string | undefined {
  const [manifest] = manifestsOf(text) as readonly { components?: unknown }[];
  const listed = Array.isArray(manifest?.components) ? manifest.components : [];
  return listed.includes('canary')
    ? text
    : addToList(text, 'components', { text: 'canary' });
}

/** Whether an overlay has a Canary, so that Flux must put the cluster's key in. */
export function hasCanary(files: Files, path: string): boolean {
  return canaryIn(files, path) !== undefined;
}

function canaryIn(
  files: Files,
  folder: string,
): { readonly path: string; readonly manifest: Manifest } | undefined {
  for (const [path, text] of yamlFilesBelow(files, folder)) {
    const manifest = manifestsOf(text).find(
      ({ kind, apiVersion }) =>
        kind === 'Canary' && apiVersion?.startsWith('flagger.app/'),
    );
    if (manifest) return { path, manifest };
  }
  return undefined;
}

function checkHooks(found: { path: string; manifest: Manifest }): Step {
  const analysis = found.manifest.spec?.analysis;
  const webhooks: unknown =
    typeof analysis === 'object' && analysis !== null && 'webhooks' in analysis
      ? analysis.webhooks
      : [];
  const asked = (Array.isArray(webhooks) ? webhooks : []).map(
    (webhook: unknown) =>
      typeof webhook === 'object' && webhook !== null && 'url' in webhook
        ? String(webhook.url)
        : '',
  );
  const missing = neededHooks.filter(
    hook => !asked.some(url => url.endsWith(`/${hook}`)),
  );
  if (missing.length === 0) return {};
  return {
    conflicts: [
      {
        path: found.path,
        reason: `This Canary does not ask the portal (${missing.join(
          ', ',
        )}), so promotions could not steer it. Add the webhooks, or take \`canary\` out of the pipeline document.`,
        diff: missing.map(hook => `+ ${webhookLines(hook).trim()}`).join('\n'),
      },
    ],
  };
}

/** Whether the overlay itself counts the pods, which Flagger must do. */
function countsPods(text: string, { service }: Onboarding): boolean {
  return manifestsOf(text).some(manifest => {
    const replicas: unknown = 'replicas' in manifest && manifest.replicas;
    return (
      Array.isArray(replicas) &&
      replicas.some((each: { name?: unknown }) => each?.name === service)
    );
  });
}

function webhookLines(hook: string): string {
  return `      - name: causeway-${hook}
        type: ${hook}
        url: \${causeway_url:=http://portal.invalid}/canary/\${causeway_cluster:=unknown}/${hook}
        timeout: 10s
        metadata:
          key: \${causeway_key:=none}
`;
}

/** Flagger makes the Services and counts the pods, so what the base says of them is taken out. */
function canaryComponent(
  onboarding: Onboarding,
  place: Place,
): readonly FileChange[] {
  const { path, workload } = place.target;
  return [
    {
      path: `${path}/canary/kustomization.yaml`,
      content: `# New versions get their traffic in steps. Flagger can only begin from a version that runs, so the first
# promotion lists this component.
apiVersion: kustomize.config.k8s.io/v1alpha1
kind: Component
resources:
  - canary.yaml
patches:
  - target:
      kind: Deployment
    patch: |
      apiVersion: apps/v1
      kind: Deployment
      metadata:
        name: ${workload.name}
      spec:
        replicas: null
  - target:
      kind: Service
    patch: |
      $patch: delete
      apiVersion: v1
      kind: Service
      metadata:
        name: ${workload.name}
`,
    },
    { path: `${path}/canary/canary.yaml`, content: canary(onboarding, place) },
  ];
}

/** The key of the cluster is only named; Flux takes it from a Secret that is in no repository. */
function canary(onboarding: Onboarding, { target }: Place): string {
  return `apiVersion: flagger.app/v1beta1
kind: Canary
metadata:
  name: ${target.workload.name}
  namespace: ${target.workload.namespace}
spec:
  targetRef:
    apiVersion: apps/v1
    kind: Deployment
    name: ${target.workload.name}
  progressDeadlineSeconds: 300
  service:
    port: 80
    targetPort: ${onboarding.port}
  analysis:
    interval: 10s
    threshold: 5
    stepWeights: [5, 25, 50, 100]
    # The portal judges; Flagger asks it before each step, and whether to take the canary back.
    webhooks:
${hooks.map(webhookLines).join('')}`;
}
