// SPDX-License-Identifier: Apache-2.0
import { createHash } from 'node:crypto';
import {
  coreActionKinds,
  type ActionEvidence,
} from '@causeway/plugin-delivery-common';
import type {
  DeviceActionContext,
  DeviceActionExecutor,
} from '@causeway/plugin-delivery-node';
import { recordIn, textIn } from '../../clusters/fields';
import { namespaced } from '../../clusters/namespaced';
import {
  quarantineAnnotation,
  quarantineTaint,
  taintValueOf,
} from '../../fleet/quarantineReason';
import { nodeEvidence, nodeGone, patchNode, readNode } from './nodes';
import { countPods, podPath, podsOf, podsOn, type ReadPod } from './pods';

/** Label of isolated pods and of the policies that isolate them; its value names the node. */
const label = 'causeway.dev/quarantine';
const policies = '/apis/networking.k8s.io/v1/networkpolicies';

/**
 * Keeps new work away by taint and cordon, and everybody else away from what runs there: pods of the
 * device get a label, and in each of their namespaces a network policy without any rule is about that
 * label. Policies can not choose by node, hence the label. Pods on the network of the device itself,
 * and what the cluster runs in `kube-system`, are out of reach of policies or needed; they stay as
 * they are, and the receipt says how many.
 */
export const quarantine: DeviceActionExecutor = {
  kind: coreActionKinds.quarantine,
  prepare: async () => ({}),
  async advance(context) {
    const node = await readNode(context);
    if (!node) return nodeGone(context);
    if (!node.unschedulable || !node.taints.some(isOurs)) {
      const { reason } = context;
      await patchNode(
        context,
        node,
        {
          unschedulable: true,
          taints: [
            ...node.taints.filter(other => !isOurs(other)),
            {
              key: quarantineTaint,
              value: taintValueOf(reason),
              effect: 'NoSchedule',
            },
          ],
        },
        { [quarantineAnnotation]: reason },
      );
      return {
        state: 'running',
        progress: { message: 'New work is kept away.' },
      };
    }
    const pods = (await podsOn(context)).filter(
      ({ state }) => state !== 'finished',
    );
    const reachable = pods.filter(canBeIsolated);
    const namespaces = [...new Set(reachable.map(pod => pod.namespace))].sort();
    // The policy first, so that no pod has the label and no policy.
    for (const namespace of namespaces) await isolate(context, namespace);
    for (const pod of reachable) await mark(context, pod);
    const rest = pods.length - reachable.length;
    const places =
      namespaces.length === 1
        ? '1 namespace'
        : `${namespaces.length} namespaces`;
    const message = `${countPods(
      reachable.length,
    )} in ${places} can talk to nobody.${
      rest > 0
        ? ` ${countPods(
            rest,
          )} of the system or on the device's own network still can.`
        : ''
    }`;
    return {
      state: 'succeeded',
      receipt: {
        message: `The device is quarantined. ${message}`,
        evidence: [
          nodeEvidence(
            context,
            node,
            `It has the taint ${quarantineTaint} and takes no new work.`,
          ),
          ...(await readPolicies(context)),
        ],
      },
    };
  },
};

/** Takes everything away again that the quarantine has put there. */
export const release: DeviceActionExecutor = {
  kind: coreActionKinds.release,
  prepare: async () => ({}),
  async advance(context) {
    const node = await readNode(context);
    if (!node) return nodeGone(context);
    const selector = `${label}=${markOf(context.node)}`;
    const marked = podsOf(
      await context.cluster.list('/api/v1/pods', { labels: selector }),
    );
    for (const pod of marked) {
      await context.cluster.patch(podPath(pod), {
        metadata: { labels: { [label]: null } },
      });
    }
    const left = await context.cluster.list(policies, { labels: selector });
    for (const policy of left) await removePolicy(context, policy);
    if (node.unschedulable || node.taints.some(isOurs)) {
      await patchNode(
        context,
        node,
        {
          unschedulable: null,
          taints: node.taints.filter(other => !isOurs(other)),
        },
        { [quarantineAnnotation]: null },
      );
      return {
        state: 'running',
        progress: { message: 'The cluster was told.' },
      };
    }
    if (left.length > 0) {
      return {
        state: 'running',
        progress: { message: 'Network policies are taken away.' },
      };
    }
    const message = 'It takes new work, without the taint of a quarantine.';
    return {
      state: 'succeeded',
      receipt: {
        message: `The device is released. ${message}`,
        evidence: [nodeEvidence(context, node, message)],
      },
    };
  },
};

function isOurs(other: unknown): boolean {
  return textIn(other, 'key') === quarantineTaint;
}

function canBeIsolated({ isMirror, onHostNetwork, namespace }: ReadPod) {
  return !isMirror && !onHostNetwork && namespace !== 'kube-system';
}

/** Names of nodes may be longer than the value of a label. */
function markOf(node: string): string {
  return createHash('sha256').update(node).digest('hex').slice(0, 16);
}

function policyName(node: string): string {
  return `causeway-quarantine-${markOf(node)}`;
}

async function isolate(
  { cluster, node }: DeviceActionContext,
  namespace: string,
): Promise<void> {
  const collection = `/apis/networking.k8s.io/v1/namespaces/${encodeURIComponent(
    namespace,
  )}/networkpolicies`;
  const labels = { [label]: markOf(node) };
  await cluster.create(collection, {
    apiVersion: 'networking.k8s.io/v1',
    kind: 'NetworkPolicy',
    metadata: {
      name: policyName(node),
      namespace,
      labels: { ...labels, 'app.kubernetes.io/managed-by': 'causeway' },
      annotations: { 'causeway.dev/device': node },
    },
    spec: {
      podSelector: { matchLabels: labels },
      policyTypes: ['Ingress', 'Egress'],
    },
  });
}

async function mark(
  { cluster, node }: DeviceActionContext,
  pod: ReadPod,
): Promise<void> {
  if (pod.labels[label] === markOf(node)) return;
  await cluster.patch(podPath(pod), {
    metadata: { labels: { [label]: markOf(node) } },
  });
}

async function removePolicy(
  { cluster }: DeviceActionContext,
  policy: unknown,
): Promise<void> {
  const metadata = recordIn(policy, 'metadata');
  const namespace = textIn(metadata, 'namespace');
  const name = textIn(metadata, 'name');
  if (namespace === undefined || name === undefined) return;
  await cluster.remove(namespaced(policies, { namespace, name }));
}

async function readPolicies({
  cluster,
  node,
  now,
}: DeviceActionContext): Promise<readonly ActionEvidence[]> {
  const found = await cluster.list(policies, {
    labels: `${label}=${markOf(node)}`,
  });
  return found.slice(0, 50).map(policy => {
    const metadata = recordIn(policy, 'metadata');
    return {
      object: `NetworkPolicy ${textIn(metadata, 'namespace')}/${textIn(
        metadata,
        'name',
      )}`,
      resourceVersion: textIn(metadata, 'resourceVersion'),
      seen: 'It lets nothing in and nothing out for the pods of the device.',
      at: now.toISOString(),
    };
  });
}
