// SPDX-License-Identifier: Apache-2.0
import {
  actionKindView,
  judgeCandidate,
  whyNotCancel,
  whyNotDecide,
  type ActionEvent,
  type FleetAction,
  type FleetActionBatch,
  type FleetActionDetail,
  type FleetActionKind,
  type FleetActionPage,
} from '@causeway/plugin-delivery-common';
import type { ActionKinds } from './ActionKinds';
import type { ActionFilter, ActionStore, StoredAction } from './ActionStore';
import {
  ActionProblem,
  unknownAction,
  type ActionPerson,
  type DeviceActions,
} from './DeviceActions';

/** Pages that are read at most to find those actions on a page that somebody may see. */
const MOST_READS = 20;

/** Actions as one person sees them. */
export class ActionViews {
  constructor(
    private readonly parts: {
      readonly store: ActionStore;
      readonly kinds: ActionKinds;
      readonly actions: DeviceActions;
    },
  ) {}

  /** All kinds; for a device those that suit it, with what would become of each there now. */
  async kinds(
    device: string | undefined,
    person: ActionPerson,
  ): Promise<{ readonly items: readonly FleetActionKind[] }> {
    const [candidate] =
      device === undefined
        ? []
        : await this.parts.actions.candidates([device], person);
    const there = candidate?.device;
    const offered = this.parts.kinds
      .list()
      .filter(kind => !there || !kind.unsuited?.(there));
    return {
      items: offered.map(kind => ({
        ...actionKindView(kind, there),
        ...(candidate && {
          verdict: { device: candidate.id, ...judgeCandidate(kind, candidate) },
        }),
      })),
    };
  }

  /** @throws ActionProblem for a cursor that is none */
  async page(
    filter: ActionFilter,
    page: { readonly limit: number; readonly cursor?: string },
    person: ActionPerson,
  ): Promise<FleetActionPage> {
    const { store } = this.parts;
    const found: StoredAction[] = [];
    let before = page.cursor === undefined ? undefined : parse(page.cursor);
    for (let reads = 0; reads < MOST_READS; reads += 1) {
      const limit = page.limit + 1;
      const read = await store.list(filter, {
        limit,
        ...(before && { before }),
      });
      found.push(
        ...read.filter(({ action }) => person.sees.allows(action.device)),
      );
      if (read.length < limit || found.length > page.limit) break;
      const { requestedAt, id } = read[read.length - 1].action;
      before = { requestedAt, id };
    }
    const items = found.slice(0, page.limit);
    const last = items[items.length - 1]?.action;
    return {
      items: items.map(stored => this.view(stored, person)),
      ...(found.length > page.limit &&
        last && { nextCursor: `${last.requestedAt} ${last.id}` }),
    };
  }

  /** @throws ActionProblem when there is none that the person may see */
  async one(id: string, person: ActionPerson): Promise<FleetActionDetail> {
    const { store } = this.parts;
    const stored = await store.get(id);
    if (!stored || !person.sees.allows(stored.action.device)) {
      throw unknownAction();
    }
    const [{ events }, output] = await Promise.all([
      store.load(id),
      store.output(id),
    ]);
    return {
      action: this.view(stored, person),
      events: events.map(event => ({
        type: event.type,
        at: event.at,
        actor: event.actor,
        ...sentenceOf(event),
      })),
      ...(output !== undefined && { output }),
    };
  }

  /** All actions that were asked for together, with their plan. */
  async batch(
    { batch, plan }: Awaited<ReturnType<DeviceActions['request']>>,
    person: ActionPerson,
  ): Promise<FleetActionBatch> {
    const stored = await this.parts.store.list({ batch }, { limit: 1_000 });
    return {
      batch,
      ...plan,
      items: stored.map(each => this.view(each, person)),
    };
  }

  view({ action, waiting }: StoredAction, person: ActionPerson): FleetAction {
    const { device, refusal, receipt, approval } = action;
    const kind = this.parts.kinds.kind(action.kind);
    const mayAct = person.mayAct.allows(device);
    const can = (refused: { readonly message: string } | undefined) => {
      if (!mayAct) {
        return { allowed: false, reason: 'You may not act on this device.' };
      }
      return refused
        ? { allowed: false, reason: refused.message }
        : { allowed: true };
    };
    return {
      id: action.id,
      kind: action.kind,
      title: kind?.title ?? action.kind,
      cluster: device.cluster,
      name: device.name,
      ...(device.site !== undefined && { site: device.site }),
      phase: action.phase,
      reason: action.reason,
      batch: action.batch,
      parameters: action.parameters,
      requestedBy: action.requestedBy,
      requestedAt: action.requestedAt,
      expiresAt: action.expiresAt,
      ...(action.startedAt && { startedAt: action.startedAt }),
      ...(action.endedAt && { endedAt: action.endedAt }),
      ...(action.endedBy && { endedBy: action.endedBy }),
      attempt: action.attempt,
      ...(action.retryAt && { retryAt: action.retryAt }),
      ...(action.progress && { progress: action.progress }),
      ...(waiting && { waiting }),
      ...(approval && { approval }),
      ...(refusal && { refusal }),
      ...(receipt && { receipt }),
      can: {
        cancel: can(whyNotCancel(action, kind)),
        decide: can(whyNotDecide(action, person.actor)),
      },
    };
  }
}

/** What an event says, where it says more than its type. */
function sentenceOf(event: ActionEvent): { readonly message?: string } {
  switch (event.type) {
    case 'requested':
      return { message: event.refusal?.message ?? event.order.reason };
    case 'progressed':
      return { message: event.progress.message };
    case 'succeeded':
    case 'failed':
      return { message: event.receipt.message };
    case 'attemptFailed':
    case 'expired':
      return { message: event.message };
    case 'approved':
    case 'rejected':
    case 'cancelled':
      return event.reason === undefined ? {} : { message: event.reason };
    default:
      return {};
  }
}

function parse(cursor: string): {
  readonly requestedAt: string;
  readonly id: string;
} {
  const match = /^(\d{4}-\d\d-\d\dT[\d:.]{8,12}Z) ([\w-]{1,64})$/.exec(cursor);
  if (!match) {
    throw new ActionProblem(
      'badCursor',
      'The cursor is not one of this list.',
      'Begin with the first page.',
    );
  }
  return { requestedAt: match[1], id: match[2] };
}
