// SPDX-License-Identifier: Apache-2.0
import type {
  PromotionEvent,
  PromotionEventOf,
  SteeringAction,
} from '@causeway/plugin-delivery-common';

const steered: Readonly<Record<SteeringAction, string>> = {
  pause: 'Paused the canary.',
  resume: 'Let the canary go on.',
  stepNow: 'Asked for the next step of the canary without waiting.',
  promoteFully: 'Let the canary pass without further waiting.',
  abort: 'Took the canary back.',
};

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
      return 'Cancelled before anything changed for users.';
    case 'superseded':
      return event.by.kind === 'rollback'
        ? 'Gave way to a rollback.'
        : 'Gave way to a newer promotion.';
    case 'committed':
      return event.commit.changed
        ? `Committed ${event.commit.sha.slice(0, 8)} to ${event.commit.branch}${
            event.commit.skipsAnalysis
              ? ', which also tells engines not to compare'
              : ''
          }.`
        : `The branch ${event.commit.branch} already declared it; no commit was needed.`;
    case 'reconcileRequested':
      return event.outcome === 'accepted'
        ? `Asked Flux to look now (${event.target}).`
        : `Flux could not be asked to look now (${event.target}); it looks by itself.`;
    case 'targetApplied':
      return `Flux applied it (${event.target}).`;
    case 'targetBlocked':
      return `${event.problem.message}`;
    case 'targetUnblocked':
      return `Nothing holds it any more (${event.target}).`;
    case 'canaryMoved':
      return sayMove(event);
    case 'canaryBound':
      return `The canary has begun to compare this content (${event.target}).`;
    case 'canaryJudged':
      return `${event.sentence} (${event.target})`;
    case 'canaryOrdered':
      return `The engine was told: ${event.order.kind}${
        event.outcome === 'accepted' ? '' : ` (${event.outcome})`
      }. ${event.sentence} (${event.target})`;
    case 'canarySteered':
      return steered[event.action];
    case 'coloursChosen':
      return sayChoices(event);
    case 'switchBegun':
      return 'The new colour is ready, so all requests are switched to it.';
    case 'coloursSwitched':
      return `Committed ${event.commit.sha.slice(0, 8)} to ${
        event.commit.branch
      }: the Service selects the new colour.`;
    case 'colourServing':
      return `The Service in the cluster sends all requests to the new colour (${event.target}).`;
    case 'switchBackBegun':
      return `Switched back: ${event.problem.message}`;
    case 'coloursSwitchedBack':
      return event.commit.changed
        ? `Committed ${event.commit.sha.slice(0, 8)} to ${
            event.commit.branch
          }: the Service selects the old colour again.`
        : 'Git still selects the old colour; no commit was needed.';
    case 'colourRetired':
      return event.commit.changed
        ? `The colour without requests was scaled to nothing (${event.commit.sha.slice(
            0,
            8,
          )}).`
        : 'The colour without requests has got another use, or has no pods.';
    case 'analysisRestored':
      return event.commit.changed
        ? `Engines compare again: ${event.commit.sha.slice(
            0,
            8,
          )} takes back that they were told not to.`
        : 'Engines compare again: nothing tells them not to any more.';
    case 'succeeded':
      return `Runs and is healthy on ${event.proof.length} target${
        event.proof.length === 1 ? '' : 's'
      }.${
        event.proof.every(({ canary }) => canary === 'neverRan')
          ? ' It is the first version there, so nothing was compared.'
          : ''
      }`;
    case 'failed':
      return `Failed: ${event.problem.message}`;
    default:
      return unheardOf(event);
  }
}

function sayChoices({ choices }: PromotionEventOf<'coloursChosen'>): string {
  const places = Object.entries(choices).map(([target, { live, to }]) =>
    live === to
      ? `${to} of ${target} runs the release already`
      : `the release goes to ${to} of ${target} while ${live} serves`,
  );
  const text = places.join('; ');
  return `${text.charAt(0).toUpperCase()}${text.slice(1)}.`;
}

function sayMove(event: PromotionEventOf<'canaryMoved'>): string {
  const { phase, weight, target } = event;
  switch (phase) {
    case 'waiting':
      return `The canary waits to be let in (${target}).`;
    case 'waitingPromotion':
      return `The canary waits to be let pass (${target}).`;
    case 'promoting':
      return `The stable version is being replaced (${target}).`;
    case 'finalising':
      return `The traffic goes back to the stable version, which is new now (${target}).`;
    case 'failed':
      return `The canary ended with ${weight} % of the traffic (${target}).`;
    case 'idle':
      return `The canary has ended (${target}).`;
    default:
      return `The canary gets ${weight} % of the traffic (${target}).`;
  }
}

function unheardOf(event: never): never {
  throw new TypeError(`Unknown event ${JSON.stringify(event)}`);
}
