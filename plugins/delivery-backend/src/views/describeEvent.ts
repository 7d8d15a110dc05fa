// SPDX-License-Identifier: Apache-2.0
import type { PromotionEvent } from '@causeway/plugin-delivery-common';

/** What happened, in one sentence for people. Who did it and when stand beside it. */
export function describeEvent(event: PromotionEvent): string {
  switch (event.type) {
    case 'requested':
      return event.kind === 'rollback'
        ? `Asked to take ${event.declaration.stageTitle} back to ${event.release.version}.`
        : `Asked to promote ${event.release.version} to ${event.declaration.stageTitle}.`;
    case 'approved':
      return event.gates.length > 0
        ? `Approved (${event.gates.join(', ')}).`
        : 'Approved.';
    case 'rejected':
      return 'Rejected.';
    case 'reconfigured':
      return event.withdrawn.length > 0
        ? 'The pipeline document changed; approvals given before count no more.'
        : 'The pipeline document changed.';
    case 'gatesPassed':
      return 'All gates passed.';
    case 'gateClosed':
      return 'A gate that had passed did not pass when it was asked again before writing.';
    case 'cancelRequested':
      return 'Asked to cancel.';
    case 'cancelled':
      return 'Cancelled; nothing was written.';
    case 'superseded':
      return event.by.kind === 'rollback'
        ? 'Gave way to a rollback.'
        : 'Gave way to a newer promotion.';
    case 'committed':
      return event.commit.changed
        ? `Committed ${event.commit.sha.slice(0, 8)} to ${event.commit.branch}.`
        : `The branch ${event.commit.branch} already declared it; no commit was needed.`;
    case 'reconcileRequested':
      return event.outcome === 'accepted'
        ? `Asked Flux to look now (${event.target}).`
        : `Flux could not be asked to look now (${event.target}); it looks by itself.`;
    case 'targetApplied':
      return `Flux applied it (${event.target}).`;
    case 'targetBlocked':
      return `${event.problem.message}`;
    case 'succeeded':
      return `Runs and is healthy on ${event.proof.length} target${
        event.proof.length === 1 ? '' : 's'
      }.`;
    case 'failed':
      return `Failed: ${event.problem.message}`;
    default:
      return unheardOf(event);
  }
}

function unheardOf(event: never): never {
  throw new TypeError(`Unknown event ${JSON.stringify(event)}`);
}
