// SPDX-License-Identifier: Apache-2.0
import {
  coreActionKinds,
  type ActionEvidence,
} from '@causeway/plugin-delivery-common';
import type {
  DeviceActionContext,
  DeviceActionExecutor,
} from '@causeway/plugin-delivery-node';
import { countPods, podPath, podsOn, type ReadPod } from './pods';
import { redactSecrets } from './redactSecrets';

/** Bytes of one container, and of all together. */
const ofContainer = 64 * 1024;
const ofAll = 512 * 1024;
const longestEvidence = 50;

/**
 * Reads the last lines of every container on the device, one after the other, until it is enough. A
 * container that has no log, or whose log can not be had, is named and left out.
 */
export const collectLogs: DeviceActionExecutor = {
  kind: coreActionKinds.logs,
  prepare: async () => ({}),
  async advance(context) {
    const pods = await podsOn(context);
    const parts: string[] = [];
    const evidence: ActionEvidence[] = [];
    const missing: string[] = [];
    let room = ofAll;
    for (const pod of pods) {
      for (const container of pod.containers) {
        const title = `${pod.namespace}/${pod.name} ${container}`;
        const text =
          room > 0 ? await logOf(context, pod, container) : undefined;
        if (text === undefined || text === '') {
          missing.push(title);
          continue;
        }
        const cut = redactSecrets(text).slice(-room);
        room -= cut.length;
        parts.push(`== ${title}\n${cut}`);
        evidence.push(seen(context, pod, cut));
      }
    }
    const left =
      missing.length > 0
        ? ` Nothing of ${missing.length}: ${missing.slice(0, 5).join(', ')}.`
        : '';
    return {
      state: 'succeeded',
      receipt: {
        message: `Read the last lines of ${countContainers(
          parts.length,
        )} of ${countPods(pods.length)}.${left}`,
        evidence: evidence.slice(0, longestEvidence),
      },
      output: parts.join('\n'),
    };
  },
};

function countContainers(count: number): string {
  return count === 1 ? '1 container' : `${count} containers`;
}

async function logOf(
  { cluster, parameters }: DeviceActionContext,
  pod: ReadPod,
  container: string,
): Promise<string | undefined> {
  const query = new URLSearchParams({
    container,
    tailLines: String(parameters.lines),
    limitBytes: String(ofContainer),
    timestamps: 'true',
  });
  try {
    return await cluster.text(`${podPath(pod, 'log')}?${query}`, ofContainer);
  } catch (error) {
    // A container that is just being made answers 400. Forbidden is for the whole action.
    if (error instanceof Error && error.name === 'NotAllowedError') throw error;
    return undefined;
  }
}

function seen(
  { now }: DeviceActionContext,
  pod: ReadPod,
  text: string,
): ActionEvidence {
  const lines = text.split('\n').filter(line => line !== '').length;
  return {
    object: `Pod ${pod.namespace}/${pod.name}`,
    seen: `${lines} lines of its log.`,
    at: now.toISOString(),
  };
}
