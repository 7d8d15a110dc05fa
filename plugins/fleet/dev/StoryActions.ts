// SPDX-License-Identifier: Apache-2.0
import {
  actionKindView,
  coreActionKinds,
  DeliveryProblem,
  k3sUpgradeKind,
  osUpgradeKind,
  PORTAL_ACTOR,
  type ActionKind,
  type FleetAction,
  type FleetActionClient,
  type FleetActionKind,
  type FleetActionQuestion,
  type FleetActionRequest,
} from '@causeway/plugin-delivery-common';

/** What the story's portal can do: all that needs nothing but the API, and upgrades. */
const offered: readonly ActionKind[] = [
  ...Object.values(coreActionKinds),
  k3sUpgradeKind({ timeout: 3_600_000, servers: false }),
  osUpgradeKind({
    timeout: 3_600_000,
    upgrades: [
      { title: 'Debian', version: '13.1', name: 'debian', servers: false },
      { title: 'Debian', version: '13.2', name: 'debian', servers: false },
      {
        title: 'JetPack',
        version: '6.2',
        name: 'jetpack',
        servers: false,
        hardware: ['jetson-orin-nx'],
      },
    ],
  }),
];
/** What a device of the story is for those who choose a version. */
const agent = {
  cluster: 'edge-production',
  name: 'any',
  connectivity: 'live',
  isolation: 'none',
  clusterLive: true,
  platform: 'k3s',
  version: 'v1.34.2+k3s1',
  osImage: 'Debian GNU/Linux 12 (bookworm)',
  kernelVersion: '6.6.62',
} as const;

/** Devices that are away in the story. */
const away = /gdansk|oslo-pi-01/;

/** Actions of the sample fleet: what is asked for is queued and stays so. */
export class StoryActions implements FleetActionClient {
  readonly actions: FleetAction[] = [];
  /** What was asked for, planned or decided, in its order. */
  readonly heard: string[] = [];
  /** Why nothing at all can be done on any device. */
  nothing: string | undefined;

  /** `now` is the moment the story is told at, in milliseconds. */
  constructor(private readonly now: number) {}

  async getFleetActionKinds(device?: string) {
    return offered.map(
      (kind): FleetActionKind => ({
        ...actionKindView(kind, device ? agent : undefined),
        ...(device && { verdict: this.verdict(kind, device) }),
      }),
    );
  }

  async getFleetActions(question: FleetActionQuestion = {}) {
    const { device, phase } = question;
    const items = this.actions.filter(
      action =>
        (!device || `${action.cluster}/${action.name}` === device) &&
        (!phase || phase.includes(action.phase)),
    );
    return { status: 'changed' as const, view: { items } };
  }

  async getFleetAction(id: string) {
    const action = this.find(id);
    const events = [
      {
        type: 'requested',
        at: action.requestedAt,
        actor: action.requestedBy,
        message: action.reason,
      },
      ...(action.phase === 'succeeded'
        ? [{ type: 'succeeded', at: action.requestedAt, actor: PORTAL_ACTOR }]
        : []),
    ];
    const output = action.kind === 'logs' ? 'ready <b>now</b>' : undefined;
    return {
      status: 'changed' as const,
      view: { action, events, ...(output && { output }) },
    };
  }

  async planFleetActions({ kind, devices }: FleetActionRequest) {
    this.heard.push(`plan ${kind} ${devices.length}`);
    const known = await this.kind(kind);
    return {
      verdicts: devices.map(device => this.verdict(known, device)),
      ...(known.destructive &&
        devices.length > 1 && { approval: 'A second person must agree.' }),
    };
  }

  async requestFleetActions(request: FleetActionRequest) {
    const { kind, devices, reason, parameters = {} } = request;
    this.heard.push(`ask ${kind} ${devices.join()}: ${reason}`);
    const plan = await this.planFleetActions(request);
    const { title } = await this.kind(kind);
    const items = devices.map(device =>
      this.add(device, {
        kind,
        title,
        reason,
        parameters,
        ...(plan.approval
          ? { phase: 'awaitingApproval', approval: { why: plan.approval } }
          : {}),
      }),
    );
    return { batch: 'b', ...plan, items };
  }

  async cancelFleetAction(id: string, reason: string) {
    this.heard.push(`cancel ${id}: ${reason}`);
    return this.change(id, { phase: 'cancelled' });
  }

  async decideFleetAction(
    id: string,
    { approve, reason }: { approve: boolean; reason?: string },
  ) {
    this.heard.push(
      `${approve ? 'approve' : 'reject'} ${id}: ${reason ?? '-'}`,
    );
    return {
      items: [this.change(id, { phase: approve ? 'queued' : 'refused' })],
    };
  }

  /** Puts an action on a device, by its id. */
  add(device: string, change: Partial<FleetAction> = {}): FleetAction {
    const [cluster, name] = device.split('/');
    const mine = { allowed: true };
    const action: FleetAction = {
      id: String(this.actions.length + 1),
      kind: 'logs',
      title: 'Collect logs',
      cluster,
      name,
      phase: 'queued',
      reason: 'It hangs.',
      batch: 'b',
      parameters: {},
      requestedBy: 'user:default/ines',
      requestedAt: new Date(this.now - 60_000).toISOString(),
      expiresAt: new Date(this.now + 86_400_000).toISOString(),
      attempt: 0,
      can: {
        cancel: mine,
        decide: { allowed: change.phase === 'awaitingApproval' },
      },
      ...change,
    };
    this.actions.unshift(action);
    return action;
  }

  private async kind(name: string): Promise<FleetActionKind> {
    const kinds = await this.getFleetActionKinds();
    const found = kinds.find(kind => kind.name === name);
    if (!found) throw new Error(`No kind ${name}`);
    return found;
  }

  private verdict(
    kind: { readonly name: string },
    device: string,
  ): NonNullable<FleetActionKind['verdict']> {
    if (this.nothing !== undefined) {
      const reason = { code: 'deviceBusy', message: this.nothing };
      return { device, verdict: 'refused', reason };
    }
    if (!away.test(device)) return { device, verdict: 'now' };
    const reason = {
      code: 'deviceAway',
      message: 'Evictions never finish while the device is away.',
    };
    return kind.name === 'drain'
      ? { device, verdict: 'refused', reason }
      : {
          device,
          verdict: 'queued',
          reason: { ...reason, message: 'It is away.' },
        };
  }

  private find(id: string): FleetAction {
    const found = this.actions.find(action => action.id === id);
    if (found) return found;
    throw new DeliveryProblem('There is no such action.', {
      status: 404,
      code: 'unknownAction',
    });
  }

  private change(id: string, change: Partial<FleetAction>): FleetAction {
    const changed = { ...this.find(id), ...change };
    this.actions.splice(this.actions.indexOf(this.find(id)), 1, changed);
    return changed;
  }
}
