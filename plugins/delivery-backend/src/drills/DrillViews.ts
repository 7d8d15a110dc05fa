// SPDX-License-Identifier: Apache-2.0
import {
  expectationOf,
  faultEndsAt,
  siteBudget,
  siteKey,
  whyNotAbort,
  whyNotSign,
  type Drill,
  type DrillCandidates,
  type DrillDetail,
  type DrillOptions,
  type DrillRefusal,
  type DrillSummary,
} from '@causeway/plugin-delivery-common';
import {
  maySee,
  unknownDrill,
  type DrillPerson,
  type Drills,
  type DrillWish,
} from './Drills';
import type { DrillStore } from './DrillStore';

/** Drills as one person sees them. */
export class DrillViews {
  constructor(
    private readonly parts: {
      readonly store: DrillStore;
      readonly drills: Drills;
    },
  ) {}

  options(): DrillOptions {
    const { drills } = this.parts;
    return {
      kinds: drills.kinds().map(({ kind, refusal }) => ({
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
        ...(refusal && { refusal }),
      })),
      stages: drills.stages().map(({ pipeline, stage }) => ({
        service: pipeline.service,
        stage: stage.name,
        title: stage.title,
      })),
    };
  }

  /** @throws DrillProblem */
  async candidates(
    wish: Pick<DrillWish, 'service' | 'stage' | 'kind'>,
    person: DrillPerson,
  ): Promise<DrillCandidates> {
    const { drills } = this.parts;
    const found = await drills.candidates(wish, person);
    const place = drills
      .stages()
      .find(
        ({ pipeline, stage }) =>
          pipeline.service === wish.service && stage.name === wish.stage,
      );
    const sites = new Set(found.map(({ device }) => siteKey(device)));
    return {
      devices: found.map(({ device, refusal }) => ({
        id: device.id,
        cluster: device.cluster,
        name: device.name,
        siteKey: siteKey(device),
        ...(device.site !== undefined && { site: device.site }),
        ...(device.hardware !== undefined && { hardware: device.hardware }),
        ...(device.hardwareName !== undefined && {
          hardwareName: device.hardwareName,
        }),
        ...(device.release && { version: device.release.version }),
        ...(refusal && { refusal }),
      })),
      sites: [...sites].map(key => {
        const there = found.filter(({ device }) => siteKey(device) === key);
        const siteName = there.find(({ device }) => device.siteName)?.device
          .siteName;
        const away = there.filter(
          ({ device }) => device.axes.connectivity !== 'live',
        ).length;
        const budget = place ? siteBudget(place.policy, there.length) : 0;
        return {
          siteKey: key,
          ...(siteName !== undefined && { siteName }),
          devices: there.length,
          atMost: Math.max(0, budget - away),
        };
      }),
    };
  }

  /** Newest first. */
  async list(
    filter: { readonly service?: string; readonly stage?: string },
    limit: number,
    person: DrillPerson,
  ): Promise<{ readonly items: readonly DrillSummary[] }> {
    const stored = await this.parts.store.list(filter, limit);
    return {
      items: stored
        .filter(({ drill }) => maySee(drill, person))
        .map(({ drill }) => summaryOf(drill)),
    };
  }

  /** @throws DrillProblem when there is none that the person may see */
  async one(id: string, person: DrillPerson): Promise<DrillDetail> {
    const { store } = this.parts;
    const stored = await store.get(id);
    if (!stored || !maySee(stored.drill, person)) throw unknownDrill();
    const events = await store.history(id);
    return detailOf(
      stored.drill,
      person,
      events.map(({ type, at, actor, data }) => ({
        type,
        at,
        actor,
        ...messageOf(data),
      })),
    );
  }
}

function summaryOf(drill: Drill): DrillSummary {
  const { order, findings, phase, verdict, signature } = drill;
  const endsAt = phase === 'fault' ? faultEndsAt(drill) : undefined;
  return {
    id: order.id,
    service: order.service,
    stage: order.stage,
    kind: order.kind.name,
    title: order.kind.title,
    version: order.release.version,
    devices: order.devices.map(({ id, cluster, name }) => ({
      id,
      cluster,
      name,
    })),
    phase,
    requestedBy: order.requestedBy,
    requestedAt: order.requestedAt,
    ...(drill.faultBeganAt && { faultBeganAt: drill.faultBeganAt }),
    ...(endsAt && { faultEndsAt: endsAt }),
    ...(drill.faultEndedAt && { faultEndedAt: drill.faultEndedAt }),
    ...(drill.overAt && { overAt: drill.overAt }),
    ...(verdict && { verdict }),
    ...(signature && { signature }),
    met: findings.filter(({ outcome }) => outcome === 'met').length,
    expected: findings.length,
  };
}

function detailOf(
  drill: Drill,
  person: DrillPerson,
  events: DrillDetail['events'],
): DrillDetail {
  const { order, findings, ending, problem } = drill;
  const can = (
    mayAll: DrillPerson['mayRun'],
    refusal: DrillRefusal | undefined,
  ) => {
    if (refusal) return { allowed: false, reason: refusal.message };
    return order.devices.every(device => mayAll.allows(device))
      ? { allowed: true }
      : {
          allowed: false,
          reason: 'You need the right for every device of the drill.',
        };
  };
  const sign = can(person.maySign, whyNotSign(drill, person.actor));
  return {
    drill: summaryOf(drill),
    reason: order.reason,
    consequence: order.kind.consequence,
    ...(ending && { ending }),
    ...(problem !== undefined && { problem }),
    findings: findings.map(finding => {
      const { title, within } = expectationOf(order.kind, finding);
      return {
        device: finding.device,
        title,
        during: finding.during,
        ...(within !== undefined && { withinSeconds: within / 1_000 }),
        outcome: finding.outcome,
        ...(finding.at && { at: finding.at }),
        ...(finding.value !== undefined && { value: finding.value }),
      };
    }),
    events,
    can: { abort: can(person.mayRun, whyNotAbort(drill)), sign },
  };
}

/** What an event says, where it says more than its type. */
function messageOf(data: object): { readonly message?: string } {
  if ('message' in data) return { message: String(data.message) };
  return 'reason' in data ? { message: String(data.reason) } : {};
}
