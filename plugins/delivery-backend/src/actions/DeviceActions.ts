// SPDX-License-Identifier: Apache-2.0
import { ConflictError } from '@backstage/errors';
import {
  chosenKind,
  deviceId,
  later,
  parseActionParameters,
  planActions,
  whyNotCancel,
  whyNotDecide,
  type ActionApprovalRule,
  type ActionEvent,
  type ActionParameters,
  type ActionPlan,
  type ActionRefusal,
  type DeviceAction,
} from '@causeway/plugin-delivery-common';
import type { Clock } from '../Clock';
import type { ActionKinds } from './ActionKinds';
import type { ActionSituations } from './ActionSituations';
import type { ActionGrowth, ActionStore, StoredAction } from './ActionStore';

/** A person's wish as the API takes it. */
export interface ActionWish {
  readonly kind: string;
  /** Ids, `<cluster>/<node name>`. */
  readonly devices: readonly string[];
  readonly parameters?: Readonly<Record<string, unknown>>;
  readonly reason: string;
  /** How long it may wait before it begins, in minutes. Default a day. */
  readonly expiresInMinutes?: number;
}

/** The devices of some places. */
export interface PlaceRights {
  readonly allows: (place: {
    readonly cluster: string;
    readonly site?: string;
  }) => boolean;
}

/** Who wishes, and on which devices they may act and which they see. */
export interface ActionPerson {
  readonly actor: string;
  readonly sees: PlaceRights;
  readonly mayAct: PlaceRights;
}

/** The wish is not one: the request has to change. */
export class ActionProblem extends Error {
  constructor(readonly code: string, message: string, readonly hint?: string) {
    super(message);
  }
}

const usualExpiry = 24 * 60;

/** How often somebody's word is tried while the action moves on by itself. */
const ATTEMPTS = 5;

/**
 * What people can do about actions: plan, ask, cancel and decide. A request is planned on what is
 * known at that moment; the queue decides anew before anything is done.
 */
export class DeviceActions {
  constructor(
    private readonly parts: {
      readonly store: ActionStore;
      readonly kinds: ActionKinds;
      readonly situations: ActionSituations;
      readonly rule: ActionApprovalRule;
      readonly clock: Clock;
      readonly newId: () => string;
    },
  ) {}

  /** What would happen. Writes nothing. @throws ActionProblem */
  async plan(wish: ActionWish, person: ActionPerson): Promise<ActionPlan> {
    return (await this.#plan(wish, person)).plan;
  }

  /**
   * Asks for an action on each device. What is refused is on record too, unless there is no such
   * device. One transaction: all of them are asked for, or none.
   * @throws ActionProblem, ConflictError when somebody asked for the same at the same moment
   */
  async request(
    wish: ActionWish,
    person: ActionPerson,
  ): Promise<{ readonly plan: ActionPlan; readonly batch: string }> {
    const { store, clock, newId, situations } = this.parts;
    const { plan, parameters } = await this.#plan(wish, person);
    const at = clock().toISOString();
    const batch = newId();
    const minutes = wish.expiresInMinutes ?? usualExpiry;
    const growths = plan.verdicts.flatMap(verdict => {
      const { cluster, name } = parseDeviceId(verdict.device);
      const device = situations.device(cluster, name);
      if (!device || !person.sees.allows(device)) return [];
      const id = newId();
      const event: ActionEvent = {
        type: 'requested',
        at,
        actor: person.actor,
        order: {
          id,
          kind: wish.kind,
          device: {
            cluster,
            name,
            ...(device.site !== undefined && { site: device.site }),
          },
          parameters,
          reason: wish.reason,
          batch,
          expiresAt: later(at, minutes * 60_000),
        },
        ...(verdict.verdict === 'refused'
          ? { refusal: verdict.reason }
          : plan.approval !== undefined && { approval: plan.approval }),
      };
      return [{ id, expectedVersion: 0, events: [event] }];
    });
    await store.append(growths);
    return { plan, batch };
  }

  /** @throws ActionProblem when it can not be cancelled any more */
  async cancel(
    id: string,
    person: Pick<ActionPerson, 'actor' | 'mayAct'>,
    reason: string,
  ): Promise<StoredAction> {
    const [stored] = await this.#decide(async () => {
      const { action, version } = await this.#mine(id, person);
      const kind = this.parts.kinds.kind(action.kind);
      const refusal = whyNotCancel(action, kind);
      if (refusal) throw problemOf(refusal);
      const said = this.#said(person, { type: 'cancelled', reason });
      return [{ id, expectedVersion: version, events: [said] }];
    });
    return stored;
  }

  /**
   * Approves or rejects an action, or all that were asked for together with it and wait.
   * @throws ActionProblem when the person may not decide about it
   */
  async decide(
    id: string,
    person: Pick<ActionPerson, 'actor' | 'mayAct'>,
    decision: {
      readonly approve: boolean;
      readonly reason?: string;
      readonly wholeBatch?: boolean;
    },
  ): Promise<readonly StoredAction[]> {
    const { store } = this.parts;
    const { reason } = decision;
    return this.#decide(async () => {
      const first = await this.#mine(id, person);
      const refusal = whyNotDecide(first.action, person.actor);
      if (refusal) throw problemOf(refusal);
      const others = decision.wholeBatch
        ? await store.list(
            { batch: first.action.batch, phase: ['awaitingApproval'] },
            { limit: 1_000 },
          )
        : [first];
      const allowed = others.filter(
        ({ action }) =>
          person.mayAct.allows(action.device) &&
          !whyNotDecide(action, person.actor),
      );
      const said = decision.approve
        ? ({ type: 'approved', ...(reason && { reason }) } as const)
        : ({
            type: 'rejected',
            reason: reason ?? 'It was rejected.',
          } as const);
      return allowed.map(({ action, version }) => ({
        id: action.id,
        expectedVersion: version,
        events: [this.#said(person, said)],
      }));
    });
  }

  /** Decides and appends; decides anew when what it saw was no longer true. */
  async #decide(
    rule: () => Promise<readonly ActionGrowth[]>,
  ): Promise<readonly StoredAction[]> {
    for (let attempt = 1; ; attempt++) {
      const growths = await rule();
      try {
        return await this.parts.store.append(growths);
      } catch (error) {
        if (!(error instanceof ConflictError) || attempt === ATTEMPTS) {
          throw error;
        }
      }
    }
  }

  async #mine(
    id: string,
    { mayAct }: Pick<ActionPerson, 'mayAct'>,
  ): Promise<StoredAction> {
    const stored = await this.parts.store.get(id);
    if (!stored) throw unknownAction();
    if (!mayAct.allows(stored.action.device)) {
      throw new ActionProblem(
        'notPermitted',
        'You may not act on this device.',
      );
    }
    return stored;
  }

  async #plan(
    wish: ActionWish,
    person: ActionPerson,
  ): Promise<{
    readonly plan: ActionPlan;
    readonly parameters: ActionParameters;
  }> {
    const { kinds, rule } = this.parts;
    const kind = kinds.kind(wish.kind);
    if (!kind) {
      throw new ActionProblem(
        'unknownKind',
        'This portal has no such kind of action.',
        'Look at the list of kinds.',
      );
    }
    const reading = parseActionParameters(kind, wish.parameters ?? {});
    if ('problems' in reading) {
      throw new ActionProblem('badParameters', reading.problems.join(' '));
    }
    const candidates = await this.candidates(wish.devices, person);
    return {
      plan: planActions(chosenKind(kind, reading.parameters), candidates, rule),
      parameters: reading.parameters,
    };
  }

  /** The devices as a plan sees them; what somebody may not see is not there. */
  async candidates(
    ids: readonly string[],
    { sees, mayAct }: Pick<ActionPerson, 'sees' | 'mayAct'>,
  ) {
    const { store, situations } = this.parts;
    const open = await openKinds(store, ids);
    return ids.map(id => {
      const { cluster, name } = parseDeviceId(id);
      const device = situations.device(cluster, name);
      const visible = device && sees.allows(device) ? device : undefined;
      return {
        id,
        device: visible,
        permitted: visible !== undefined && mayAct.allows(visible),
        open: open.get(id) ?? [],
      };
    });
  }

  #said(
    { actor }: Pick<ActionPerson, 'actor'>,
    event: PersonsEvent,
  ): ActionEvent {
    return { ...event, at: this.parts.clock().toISOString(), actor };
  }
}

type PersonsEvent =
  | { readonly type: 'approved'; readonly reason?: string }
  | { readonly type: 'rejected' | 'cancelled'; readonly reason: string };

/** What is said of an action that is not there, or that somebody may not see. */
export function unknownAction(): ActionProblem {
  return new ActionProblem('unknownAction', 'There is no such action.');
}

async function openKinds(
  store: ActionStore,
  ids: readonly string[],
): Promise<ReadonlyMap<string, readonly string[]>> {
  const asked = new Set(ids);
  const kinds = new Map<string, string[]>();
  const [only, ...others] = ids;
  const open: readonly DeviceAction[] = await store.open(
    only !== undefined && others.length === 0 ? parseDeviceId(only) : undefined,
  );
  for (const { device, kind } of open) {
    const id = deviceId(device.cluster, device.name);
    if (!asked.has(id)) continue;
    kinds.set(id, [...(kinds.get(id) ?? []), kind]);
  }
  return kinds;
}

/** Cluster and node of a device's id. */
function parseDeviceId(id: string): {
  readonly cluster: string;
  readonly name: string;
} {
  const at = id.indexOf('/');
  return { cluster: id.slice(0, at), name: id.slice(at + 1) };
}

function problemOf({ code, message }: ActionRefusal): ActionProblem {
  return new ActionProblem(code, message);
}
