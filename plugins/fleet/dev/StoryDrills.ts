// SPDX-License-Identifier: Apache-2.0
import {
  DeliveryProblem,
  drillCatalogue,
  type DrillCandidates,
  type DrillClient,
  type DrillDetail,
  type DrillSummary,
} from '@causeway/plugin-delivery-common';

const service = 'component:default/parcel-vision';
const ines = 'user:default/ines';

/** Drills of the sample fleet's laboratory: what is started stays where it is. */
export class StoryDrills implements DrillClient {
  readonly drills: DrillDetail[] = [];
  /** What was said, in its order. */
  readonly heard: string[] = [];
  /** Why no drill can be run at all. */
  refusal: { readonly code: string; readonly message: string } | undefined;
  hasStages = true;

  /** `now` is the moment the story is told at, in milliseconds. */
  constructor(private readonly now: number) {}

  async getDrillOptions() {
    return {
      kinds: drillCatalogue.map(kind => ({
        name: kind.name,
        title: kind.title,
        consequence: kind.consequence,
        durationSeconds: kind.duration / 1_000,
        recoverySeconds: kind.recovery / 1_000,
        expects: kind.expects.map(({ title, during, within }) => ({
          title,
          during,
          ...(within !== undefined && { withinSeconds: within / 1_000 }),
        })),
        ...(this.refusal && { refusal: this.refusal }),
      })),
      stages: this.hasStages
        ? [{ service, stage: 'edge-staging', title: 'Edge staging' }]
        : [],
    };
  }

  async getDrillCandidates(): Promise<DrillCandidates> {
    const device = (name: string, hardware: string, hardwareName: string) => ({
      id: `edge-staging/${name}`,
      cluster: 'edge-staging',
      name,
      siteKey: 'edge-staging/lab',
      site: 'lab',
      hardware,
      hardwareName,
      version: '2.8.1',
    });
    const refusal = { code: 'deviceAway', message: 'It is away already.' };
    return {
      devices: [
        device('lab-jetson-01', 'jetson-orin-nx', 'Jetson Orin NX'),
        device('lab-pi-01', 'raspberry-pi-4', 'Raspberry Pi 4'),
        { ...device('lab-pi-02', 'raspberry-pi-5', 'Raspberry Pi 5'), refusal },
      ],
      sites: [
        {
          siteKey: 'edge-staging/lab',
          siteName: 'Laboratory',
          devices: 3,
          atMost: 1,
        },
      ],
    };
  }

  async getDrills() {
    const view = this.drills.map(({ drill }) => drill);
    return { status: 'changed' as const, view };
  }

  async getDrill(id: string) {
    return { status: 'changed' as const, view: this.find(id) };
  }

  async startDrill(wish: Parameters<DrillClient['startDrill']>[0]) {
    const { kind, devices, reason } = wish;
    this.heard.push(`start ${kind} ${devices.join()}: ${reason}`);
    return this.add({ kind });
  }

  async abortDrill(id: string, reason: string) {
    this.heard.push(`abort ${id}: ${reason}`);
    return this.change(id, { phase: 'over', verdict: 'aborted' });
  }

  async signDrill(
    id: string,
    { decision, reason }: Parameters<DrillClient['signDrill']>[1],
  ) {
    this.heard.push(`${decision} ${id}: ${reason ?? '-'}`);
    const at = new Date(this.now).toISOString();
    return this.change(id, {
      signature: { decision, by: 'user:default/jonas', at },
    });
  }

  /** A drill in the middle of its fault, or as `change` says. */
  add(
    change: Partial<DrillSummary> = {},
    more: Partial<DrillDetail> = {},
  ): DrillDetail {
    const kind =
      drillCatalogue.find(({ name }) => name === change.kind) ??
      drillCatalogue[1];
    const began = this.now - 120_000;
    const isOver = change.phase === 'over';
    const device = 'edge-staging/lab-jetson-01';
    const detail: DrillDetail = {
      drill: {
        id: String(this.drills.length + 1),
        service,
        stage: 'edge-staging',
        kind: kind.name,
        title: kind.title,
        version: '2.8.1',
        devices: [
          { id: device, cluster: 'edge-staging', name: 'lab-jetson-01' },
        ],
        phase: 'fault',
        requestedBy: ines,
        requestedAt: new Date(began - 2_000).toISOString(),
        faultBeganAt: new Date(began).toISOString(),
        ...(!isOver && {
          faultEndsAt: new Date(began + kind.duration).toISOString(),
        }),
        met: isOver ? kind.expects.length : 1,
        expected: kind.expects.length,
        ...change,
      },
      reason: 'Before the edge.',
      consequence: kind.consequence,
      findings: kind.expects.map(({ title, during, within }, index) => ({
        device,
        title,
        during,
        outcome: isOver || index === 0 ? 'met' : 'open',
        ...(within !== undefined && { withinSeconds: within / 1_000 }),
        ...((isOver || index === 0) && {
          at: new Date(began + 42_000).toISOString(),
          value: 'stale after 42 s',
        }),
      })),
      events: [
        {
          type: 'drillRequested',
          at: new Date(began - 2_000).toISOString(),
          actor: ines,
        },
        {
          type: 'faultBegun',
          at: new Date(began).toISOString(),
          actor: 'plugin:delivery',
        },
      ],
      can: { abort: { allowed: !isOver }, sign: { allowed: isOver } },
      ...more,
    };
    this.drills.unshift(detail);
    return detail;
  }

  private find(id: string): DrillDetail {
    const found = this.drills.find(({ drill }) => drill.id === id);
    if (found) return found;
    throw new DeliveryProblem('There is no such drill.', {
      status: 404,
      code: 'unknownDrill',
    });
  }

  private change(id: string, change: Partial<DrillSummary>): DrillDetail {
    const before = this.find(id);
    const after = { ...before, drill: { ...before.drill, ...change } };
    this.drills.splice(this.drills.indexOf(before), 1, after);
    return after;
  }
}
