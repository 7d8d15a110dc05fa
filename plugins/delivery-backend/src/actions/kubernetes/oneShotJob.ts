// SPDX-License-Identifier: Apache-2.0
import type { ActionKind } from '@causeway/plugin-delivery-common';
import type {
  DeviceActionContext,
  DeviceActionExecutor,
  DeviceActionTurn,
} from '@causeway/plugin-delivery-node';
import { textIn } from '../../clusters/fields';
import { jobCondition, jobsIn } from '../../clusters/jobs';
import { namespaced } from '../../clusters/namespaced';
import { attemptMetadata, attemptName, objectEvidence } from './attemptObject';
import { nodeEvidence, nodeGone, readNode, type ReadNode } from './nodes';
import { podPath, podsOf } from './pods';
import { redactSecrets } from './redactSecrets';

/** A Job that an operator of the portal has configured. Nothing of it comes from a request. */
export interface ConfiguredJob {
  readonly kind: ActionKind;
  readonly namespace: string;
  readonly image: string;
  readonly command: readonly string[];
  readonly args: readonly string[];
  readonly serviceAccount?: string;
  /** Runs with all rights on the device, in its process and network namespaces. */
  readonly privileged: boolean;
  /** Whether the device must have booted anew for it to have worked. */
  readonly reboots: boolean;
}

/** Kept so long, so that a crash never makes a Job anew that was done. */
const keptSeconds = 7 * 86_400;
const longestOutput = 128 * 1024;
const jobs = '/apis/batch/v1/jobs';

/**
 * Runs a configured Job on the device, once for each attempt: its name is made of the action's id, so
 * after a crash it is found instead of made again. A reboot has worked when the node tells another
 * boot id than before and is ready; that the Job ended proves nothing.
 */
export function oneShotJob(job: ConfiguredJob): DeviceActionExecutor {
  return {
    kind: job.kind,
    async prepare(context) {
      const node = await readNode(context);
      return { bootId: node?.bootId ?? '' };
    },
    async advance(context, memory) {
      const node = await readNode(context);
      if (!node) return nodeGone(context);
      const isBooted =
        node.bootId !== undefined && node.bootId !== memory.bootId;
      if (job.reboots && isBooted && node.ready) {
        return rebooted(context, node, String(memory.bootId));
      }
      const name = attemptName(context);
      const found = await context.cluster.get(
        namespaced(jobs, { namespace: job.namespace, name }),
      );
      if (found === undefined) return begin(job, context, name);
      return follow(job, context, node, found);
    },
  };
}

async function begin(
  job: ConfiguredJob,
  context: DeviceActionContext,
  name: string,
): Promise<DeviceActionTurn> {
  if (context.progress) {
    return {
      state: 'failed',
      message: `The Job ${job.namespace}/${name} was there and is not any more, so nobody knows whether it was done.`,
      retry: false,
    };
  }
  const made = await context.cluster.create(
    jobsIn(job.namespace),
    manifest(job, context),
  );
  if (made.kind === 'missing') {
    return {
      state: 'failed',
      message: `The cluster has no namespace ${job.namespace} for the Job.`,
      retry: false,
    };
  }
  return {
    state: 'running',
    progress: { message: `The Job ${job.namespace}/${name} was made.` },
  };
}

async function follow(
  job: ConfiguredJob,
  context: DeviceActionContext,
  node: ReadNode,
  found: unknown,
): Promise<DeviceActionTurn> {
  const failure = jobCondition(found, 'Failed');
  const complete = jobCondition(found, 'Complete');
  if (job.reboots && (failure || complete || !node.ready)) {
    // The boot takes the Job's own pod with it, so its failure says nothing either.
    return {
      state: 'running',
      progress: { message: 'The device was told; it has not booted anew yet.' },
    };
  }
  if (failure) {
    const why = textIn(failure, 'message') ?? 'no reason given';
    return {
      state: 'failed',
      message: `The Job on the device failed: ${why}`,
      evidence: [objectEvidence(context, 'Job', found, 'It failed.')],
      retry: true,
      ...(await outputOf(job, context)),
    };
  }
  if (complete) {
    return {
      state: 'succeeded',
      receipt: {
        message: 'The Job ran on the device to its end.',
        evidence: [
          objectEvidence(context, 'Job', found, 'It is complete.'),
          nodeEvidence(
            context,
            node,
            node.ready ? 'It is ready.' : 'It is not ready.',
          ),
        ],
      },
      ...(await outputOf(job, context)),
    };
  }
  return { state: 'running', progress: { message: 'The Job runs.' } };
}

function rebooted(
  context: DeviceActionContext,
  node: ReadNode,
  before: string,
): DeviceActionTurn {
  return {
    state: 'succeeded',
    receipt: {
      message: 'The device has booted anew and is ready.',
      evidence: [
        nodeEvidence(
          context,
          node,
          `Boot id ${node.bootId}, before ${before || 'unknown'}; it is ready.`,
        ),
      ],
    },
  };
}

/** What the Job has printed; nothing where that can not be read. */
async function outputOf(
  { namespace }: ConfiguredJob,
  context: DeviceActionContext,
): Promise<{ readonly output?: string }> {
  try {
    const [pod] = podsOf(
      await context.cluster.list(
        `/api/v1/namespaces/${encodeURIComponent(namespace)}/pods`,
        { labels: `batch.kubernetes.io/job-name=${attemptName(context)}` },
      ),
    );
    const query = new URLSearchParams({ limitBytes: String(longestOutput) });
    const text =
      pod &&
      (await context.cluster.text(
        `${podPath(pod, 'log')}?${query}`,
        longestOutput,
      ));
    return text ? { output: redactSecrets(text) } : {};
  } catch {
    // The receipt stands without it.
    return {};
  }
}

function manifest(job: ConfiguredJob, context: DeviceActionContext): object {
  const metadata = attemptMetadata(context);
  const { privileged } = job;
  return {
    apiVersion: 'batch/v1',
    kind: 'Job',
    metadata: { ...metadata, namespace: job.namespace },
    spec: {
      backoffLimit: 0,
      activeDeadlineSeconds: Math.ceil(job.kind.timeout / 1000),
      ttlSecondsAfterFinished: keptSeconds,
      template: {
        metadata: { labels: metadata.labels },
        spec: {
          // Past the scheduler: it must run just there, on a cordoned device too.
          nodeName: context.node,
          tolerations: [{ operator: 'Exists' }],
          restartPolicy: 'Never',
          automountServiceAccountToken: false,
          ...(job.serviceAccount && { serviceAccountName: job.serviceAccount }),
          ...(privileged && { hostPID: true, hostNetwork: true }),
          containers: [
            {
              name: 'action',
              image: job.image,
              command: [...job.command],
              args: [...job.args],
              securityContext: privileged
                ? { privileged: true }
                : {
                    allowPrivilegeEscalation: false,
                    capabilities: { drop: ['ALL'] },
                    seccompProfile: { type: 'RuntimeDefault' },
                  },
            },
          ],
        },
      },
    },
  };
}
