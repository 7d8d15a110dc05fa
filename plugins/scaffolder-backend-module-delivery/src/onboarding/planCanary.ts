// SPDX-License-Identifier: Apache-2.0
import { addToList } from './addToList';
import { kustomizationFile, yamlFilesBelow } from './kustomizationFile';
import { manifestsOf, type Manifest } from './manifests';
import type { Files, Onboarding, Place, Step } from './Onboarding';

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

/** Flagger's part of a target whose new versions get their traffic step by step. */
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
  if (existing) return checkHooks(existing);
  if (!/^\s*digest: sha256:[0-9a-f]{64}\s*$/m.test(text)) {
    return {
      notes: [
        `${place.stage.title} runs no release yet, and Flagger can only begin from one. Promote a release there, then run this again: it adds the Canary to ${path}.`,
      ],
    };
  }
  const wired = countsPods(text, onboarding)
    ? undefined
    : addCanaryLines(text, place);
  if (wired === undefined) {
    return {
      conflicts: [
        {
          path: file,
          reason:
            'The Canary can not be added: `resources` and `patches` must be lists, and no `replicas` may count pods that Flagger counts.',
          diff: '+ resources: [canary.yaml]',
        },
      ],
    };
  }
  return {
    writes: [
      { path: file, content: wired },
      { path: `${path}/canary.yaml`, content: canary(onboarding, place) },
    ],
  };
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

/**
 * Names the Canary in an overlay. Flagger makes the Services and counts the pods, so what the base
 * says of them is taken out. Undefined when the text has not the shape for it.
 */
export function addCanaryLines(
  text: string,
  { target }: Place,
): string | undefined {
  const withResource = addToList(text, 'resources', { text: 'canary.yaml' });
  const withoutCount =
    withResource &&
    addToList(withResource, 'patches', {
      text: `target:
  kind: Deployment
patch: |
  apiVersion: apps/v1
  kind: Deployment
  metadata:
    name: ${target.workload.name}
  spec:
    replicas: null`,
    });
  return (
    withoutCount &&
    addToList(withoutCount, 'patches', {
      text: `target:
  kind: Service
patch: |
  $patch: delete
  apiVersion: v1
  kind: Service
  metadata:
    name: ${target.workload.name}`,
    })
  );
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
