// SPDX-License-Identifier: Apache-2.0
import { parseDuration } from '../flux/durations';
import { StringMap } from '../runtime/resources';
import { shortHash } from '../workloads/templateHash';
import type { Canary, CanaryPhase, CanaryWebhook } from './flaggerObjects';

/** What a webhook is sent. */
export interface WebhookPayload {
  readonly name: string;
  readonly namespace: string;
  readonly phase: CanaryPhase | '';
  /** Changes with the revision that was taken up last, which is the earlier one while a new one waits. */
  readonly checksum: string;
  readonly metadata: StringMap;
}

/** Sends a payload; rejects with what the other side said when it does not agree. */
export type SendWebhook = (
  hook: CanaryWebhook,
  payload: WebhookPayload,
) => Promise<void>;

const usualTimeout = 10_000;
/** Every status up to this one is consent. */
const highestConsent = 202;

/** Sends over HTTP. Its timeouts are real time also in an accelerated world, since the other side is real. */
export const postWebhook: SendWebhook = async (hook, payload) => {
  const response = await fetch(hook.url, {
    method: 'POST',
    headers: { 'Content-Type': 'application/json' },
    body: JSON.stringify(payload),
    signal: AbortSignal.timeout(parseDuration(hook.timeout, usualTimeout)),
    redirect: 'error',
  });
  const body = await response.text();
  if (response.status > highestConsent) throw new Error(body);
};

/** The payload of a hook that asks. */
export function questionOf(
  canary: Canary,
  hook: CanaryWebhook,
  phase: CanaryPhase,
): WebhookPayload {
  return { ...addressOf(canary, phase), metadata: { ...hook.metadata } };
}

/** The payload of a hook that is told what happened. */
export function noticeOf(
  canary: Canary,
  hook: CanaryWebhook,
  notice: {
    readonly type: 'Normal' | 'Warning';
    readonly message: string;
    readonly phase: CanaryPhase | undefined;
    readonly now: Date;
  },
): WebhookPayload {
  return {
    ...addressOf(canary, notice.phase),
    metadata: {
      ...hook.metadata,
      eventMessage: notice.message,
      eventType: notice.type,
      timestamp: String(notice.now.getTime()),
    },
  };
}

function addressOf({ metadata, status }: Canary, phase?: CanaryPhase) {
  const { trackedConfigs, lastAppliedSpec } = status ?? {};
  return {
    name: metadata.name,
    namespace: metadata.namespace ?? 'default',
    phase: phase ?? ('' as const),
    checksum: shortHash(JSON.stringify([trackedConfigs, lastAppliedSpec])),
  };
}
