// SPDX-License-Identifier: Apache-2.0
import { createHash } from 'node:crypto';
import { Condition, conditionOf, timestamp } from '../runtime/resources';
import { canonicalJson } from '../workloads/templateHash';
import { Node } from '../workloads/workloads';
import { NodePressure } from './Machines';

/** The extended resource under which the device plugin offers GPUs. */
export const graphicsResource = 'nvidia.com/gpu';

/** What a kubelet knows of its machine when it reports. */
export interface MachineFacts {
  readonly pressure: NodePressure;
  readonly bootedAt: Date;
  readonly graphicsProcessors: number;
  /** Now by the machine's own clock. */
  readonly now: Date;
}

const noPressure: NodePressure = {
  memory: false,
  disk: false,
  processes: false,
};

function findings(pressure: NodePressure): readonly Condition[] {
  const finding = (
    type: string,
    holds: boolean,
    [yes, no]: readonly (readonly [reason: string, message: string])[],
  ): Condition => {
    const [reason, message] = holds ? yes : no;
    return { type, status: holds ? 'True' : 'False', reason, message };
  };
  return [
    finding('MemoryPressure', pressure.memory, [
      [
        'KubeletHasInsufficientMemory',
        'kubelet has insufficient memory available',
      ],
      ['KubeletHasSufficientMemory', 'kubelet has sufficient memory available'],
    ]),
    finding('DiskPressure', pressure.disk, [
      ['KubeletHasDiskPressure', 'kubelet has disk pressure'],
      ['KubeletHasNoDiskPressure', 'kubelet has no disk pressure'],
    ]),
    finding('PIDPressure', pressure.processes, [
      ['KubeletHasInsufficientPID', 'kubelet has insufficient PID available'],
      ['KubeletHasSufficientPID', 'kubelet has sufficient PID available'],
    ]),
    {
      type: 'Ready',
      status: 'True',
      reason: 'KubeletReady',
      message: 'kubelet is posting ready status',
    },
  ];
}

/** What a kubelet says of its node; a condition that stays as it was keeps its transition time. */
export function kubeletConditions(
  pressure: NodePressure,
  before: readonly Condition[],
  now: Date,
): readonly Condition[] {
  const when = timestamp(now);
  return findings(pressure).map(finding => {
    const previous = conditionOf(before, finding.type);
    const stays = previous?.status === finding.status;
    return {
      ...finding,
      lastHeartbeatTime: when,
      lastTransitionTime: (stays && previous.lastTransitionTime) || when,
    };
  });
}

/** What a kubelet says of a node that has nothing to complain about. */
export function healthyConditions(now: Date): readonly Condition[] {
  return kubeletConditions(noPressure, [], now);
}

/** The identity of one boot of a machine, as the kernel would give it. */
export function bootId(node: string, bootedAt: Date): string {
  const digits = createHash('sha256')
    .update(`${node} ${bootedAt.toISOString()}`)
    .digest('hex');
  return [
    digits.slice(0, 8),
    digits.slice(8, 12),
    `4${digits.slice(13, 16)}`,
    `8${digits.slice(17, 20)}`,
    digits.slice(20, 32),
  ].join('-');
}

/** The status a kubelet reports, as a merge patch, and whether it says anything new. */
export function nodeReport(
  { metadata, status }: Node,
  { pressure, bootedAt, graphicsProcessors, now }: MachineFacts,
): { readonly status: object; readonly isNews: boolean } {
  const before = status?.conditions ?? [];
  const own = kubeletConditions(pressure, before, now);
  const others = before.filter(({ type }) => !conditionOf(own, type));
  const booted = bootId(metadata.name, bootedAt);
  const offered = String(graphicsProcessors);
  const knows = (room: Readonly<Record<string, string>> | undefined) =>
    (room?.[graphicsResource] ?? '0') === offered;
  const hasRoom = knows(status?.capacity) && knows(status?.allocatable);
  const isNews =
    !hasRoom ||
    status?.nodeInfo?.bootID !== booted ||
    canonicalJson(own.map(meaning)) !==
      canonicalJson(own.map(({ type }) => meaning(conditionOf(before, type))));
  return {
    isNews,
    status: {
      conditions: [...others, ...own],
      nodeInfo: { bootID: booted },
      ...(hasRoom
        ? {}
        : {
            capacity: { [graphicsResource]: offered },
            allocatable: { [graphicsResource]: offered },
          }),
    },
  };
}

function meaning(condition: Condition | undefined) {
  return [condition?.status, condition?.reason, condition?.message];
}
