// SPDX-License-Identifier: Apache-2.0
import { randomUUID } from 'node:crypto';
import { ConflictError } from '@backstage/errors';
import {
  drillCatalogue,
  drillKindNamed,
  parseImage,
  siteKey,
  startDrill,
  whyNotAbort,
  whyNotDevice,
  whyNotDrill,
  whyNotSign,
  type Drill,
  type DrillCandidate,
  type DrillDevice,
  type DrillEvent,
  type DrillKind,
  type DrillOrder,
  type DrillPolicy,
  type DrillRefusal,
  type DrillSight,
  type Pipeline,
  type Release,
  type Stage,
} from '@causeway/plugin-delivery-common';
import type { PlaceRights } from '../actions/DeviceActions';
import type { Clock } from '../Clock';
import type { DeviceReader } from '../fleet/DeviceReader';
import { lastingPods } from '../fleet/servicePods';
import type { Pipelines } from '../pipelines/Pipelines';
import type { Releases } from '../releases/Releases';
import type { DrillExecutors } from './DrillExecutors';
import type { DrillStore, StoredDrill } from './DrillStore';

/** Who wishes, and for which devices they have which right. */
export interface DrillPerson {
  readonly actor: string;
  readonly sees: PlaceRights;
  readonly mayRun: PlaceRights;
  readonly maySign: PlaceRights;
}

/** A person's wish as the API takes it. */
export interface DrillWish {
  /** Entity ref. */
  readonly service: string;
  readonly stage: string;
  /** Name of the kind. */
  readonly kind: string;
  /** Ids, `<cluster>/<node name>`. */
  readonly devices: readonly string[];
  readonly reason: string;
}

/** The request has to change, or the world has. */
export class DrillProblem extends Error {
  constructor(readonly code: string, message: string, readonly hint?: string) {
    super(message);
  }
}

/** A stage whose devices may be drilled. */
export interface DrillStage {
  readonly pipeline: Pipeline;
  readonly stage: Stage;
  readonly policy: DrillPolicy;
}

/** How often somebody's word is tried while the drill moves on by itself. */
const ATTEMPTS = 5;

const notPermitted: DrillRefusal = {
  code: 'notPermitted',
  message: 'You may not drill this device.',
};

/**
 * What people can do about drills: see where they may be run, start, abort and sign off. Whether a drill
 * may begin is decided on what is known at that moment.
 */
export class Drills {
  constructor(
    private readonly parts: {
      readonly store: DrillStore;
      readonly fleet: DeviceReader;
      readonly pipelines: Pick<Pipelines, 'list'>;
      readonly releases: Pick<Releases, 'findByDigest' | 'get'>;
      readonly executors: Pick<DrillExecutors, 'whyNot' | 'whyNotIn'>;
      readonly observe: (
        order: Pick<DrillOrder, 'devices' | 'targets' | 'release'>,
      ) => DrillSight;
      readonly clock: Clock;
      readonly newId?: () => string;
    },
  ) {}

  /** Every kind, with why it can not be run by this portal. */
  kinds(): readonly {
    readonly kind: DrillKind;
    readonly refusal?: DrillRefusal;
  }[] {
    return drillCatalogue.map(kind => {
      const refusal = this.parts.executors.whyNot(kind.fault);
      return { kind, ...(refusal && { refusal }) };
    });
  }

  /** The stages of all pipelines that allow drills. */
  stages(): readonly DrillStage[] {
    return this.parts.pipelines
      .list()
      .flatMap(pipeline =>
        pipeline.stages.flatMap(stage =>
          stage.drills ? { pipeline, stage, policy: stage.drills } : [],
        ),
      );
  }

  /**
   * The devices of a stage that somebody may see, each with why it may not be drilled.
   * @throws DrillProblem when the stage allows no drills, or there is no such kind
   */
  async candidates(
    wish: Pick<DrillWish, 'service' | 'stage' | 'kind'>,
    person: Pick<DrillPerson, 'sees' | 'mayRun'>,
  ): Promise<
    readonly {
      readonly device: DrillCandidate;
      readonly refusal?: DrillRefusal;
    }[]
  > {
    const place = this.#place(wish);
    const kind = this.#kind(wish.kind);
    const devices = await this.#devicesOf(place);
    return devices
      .filter(device => person.sees.allows(device))
      .map(device => {
        const refusal = person.mayRun.allows(device)
          ? this.parts.executors.whyNotIn(device.cluster, kind.fault) ??
            whyNotDevice(kind, place.policy, device)
          : notPermitted;
        return { device, ...(refusal && { refusal }) };
      });
  }

  /** @throws DrillProblem when it may not begin; ConflictError when another began there at the same moment */
  async start(wish: DrillWish, person: DrillPerson): Promise<StoredDrill> {
    const place = this.#place(wish);
    const kind = this.#kind(wish.kind);
    const { refusal } =
      this.kinds().find(each => each.kind.name === kind.name) ?? {};
    if (refusal) throw problemOf(refusal);
    const devices = (await this.#devicesOf(place)).filter(device =>
      person.sees.allows(device),
    );
    const chosen = devices.filter(({ id }) => wish.devices.includes(id));
    if (chosen.some(device => !person.mayRun.allows(device))) {
      throw problemOf(notPermitted);
    }
    const unserved = chosen.flatMap(
      ({ cluster }) => this.parts.executors.whyNotIn(cluster, kind.fault) ?? [],
    );
    if (unserved.length > 0) throw problemOf(unserved[0]);
    const refusals = whyNotDrill(kind, place.policy, devices, wish.devices);
    if (refusals.length > 0) {
      throw new DrillProblem(
        refusals[0].code,
        refusals.map(({ message }) => message).join(' '),
      );
    }
    const order = await this.#order(place, kind, chosen, wish, person.actor);
    const before = this.parts.observe(order);
    if (order.devices.some(({ id }) => !before[id])) {
      throw new DrillProblem(
        'deviceUnseen',
        'Not all of these devices can be seen now. Try again when their cluster answers.',
      );
    }
    return this.parts.store.create(startDrill(order, before));
  }

  /** @throws DrillProblem when it can not be aborted */
  async abort(
    id: string,
    reason: string,
    person: DrillPerson,
  ): Promise<StoredDrill> {
    const { store, clock } = this.parts;
    const saved = await this.#say(id, person, ({ drill }) => {
      requireRight(drill, person.mayRun);
      const refusal = whyNotAbort(drill);
      if (refusal) throw problemOf(refusal);
      const at = clock().toISOString();
      return {
        drill: { ...drill, abort: { by: person.actor, at, reason } },
        event: { type: 'drillAborted', reason },
      };
    });
    await store.due(id, clock());
    return saved;
  }

  /** Signs a drill off, or sends it back. @throws DrillProblem when the person may not */
  sign(
    id: string,
    wish: {
      readonly decision: 'signedOff' | 'sentBack';
      readonly reason?: string;
    },
    person: DrillPerson,
  ): Promise<StoredDrill> {
    return this.#say(id, person, ({ drill }) => {
      requireRight(drill, person.maySign);
      const refusal = whyNotSign(drill, person.actor);
      if (refusal) throw problemOf(refusal);
      const { decision, reason } = wish;
      const said = reason ? { reason } : {};
      const at = this.parts.clock().toISOString();
      const signature = { decision, by: person.actor, at, ...said };
      return {
        drill: { ...drill, signature },
        event: { type: decision, ...said },
      };
    });
  }

  /** Decides and writes; decides anew when what it saw was no longer true. */
  async #say(
    id: string,
    person: DrillPerson,
    decide: (stored: StoredDrill) => {
      readonly drill: Drill;
      readonly event: DrillEvent;
    },
  ): Promise<StoredDrill> {
    const { store } = this.parts;
    for (let attempt = 1; ; attempt += 1) {
      const stored = await store.get(id);
      if (!stored || !maySee(stored.drill, person)) throw unknownDrill();
      const { drill, event } = decide(stored);
      try {
        return await store.save(stored, drill, [event], person.actor);
      } catch (error) {
        if (!(error instanceof ConflictError) || attempt === ATTEMPTS) {
          throw error;
        }
      }
    }
  }

  async #order(
    { pipeline, stage, policy }: DrillStage,
    kind: DrillKind,
    chosen: readonly DrillCandidate[],
    { reason }: DrillWish,
    actor: string,
  ): Promise<DrillOrder> {
    const { releases, clock, newId = randomUUID } = this.parts;
    const id = chosen[0].release?.id;
    const release = id === undefined ? undefined : await releases.get(id);
    if (!release) {
      throw new DrillProblem('noRelease', 'The release is not known any more.');
    }
    return {
      id: newId(),
      service: pipeline.service,
      stage: stage.name,
      kind,
      release: {
        id: release.id,
        version: release.version,
        images: release.images,
      },
      targets: stage.targets,
      devices: chosen.map(identityOf),
      longest: policy.longest,
      reason,
      requestedBy: actor,
      requestedAt: clock().toISOString(),
    };
  }

  /** All devices of the clusters of a stage. */
  async #devicesOf({
    pipeline,
    stage,
  }: DrillStage): Promise<readonly DrillCandidate[]> {
    const { fleet, store } = this.parts;
    const busy = await store.busySites();
    const names = new Set(stage.targets.map(({ cluster }) => cluster));
    const releaseOf = this.#releaseFinder(pipeline);
    const candidates: DrillCandidate[] = [];
    for (const cluster of fleet.clusters()) {
      if (!names.has(cluster.name)) continue;
      for (const node of cluster.deviceNames()) {
        const entry = fleet.find(cluster.name, node);
        if (!entry) continue;
        const pods = lastingPods(cluster, node, stage.targets);
        const release = await releaseOf(pods.flatMap(({ images }) => images));
        candidates.push({
          id: entry.id,
          cluster: cluster.name,
          name: node,
          ...(entry.site !== undefined && { site: entry.site }),
          ...(entry.hardware !== undefined && { hardware: entry.hardware }),
          siteName: entry.siteName,
          hardwareName: entry.hardwareName,
          axes: {
            connectivity: entry.axes.connectivity.state,
            health: entry.axes.health.state,
            applications: entry.axes.applications.state,
            update: entry.axes.update.state,
            isolation: entry.axes.isolation.state,
          },
          ...(release && { release }),
          ...(busy.has(siteKey(entry)) && { busy: true }),
        });
      }
    }
    return candidates.sort((a, b) => (a.id < b.id ? -1 : 1));
  }

  /** The one release whose images those are; undefined when it is none, or several. */
  #releaseFinder(pipeline: Pipeline) {
    const known = new Map<string, Promise<Release | undefined>>();
    return async (images: readonly string[]) => {
      const digests = new Set(
        images.flatMap(text => {
          const image = parseImage(text);
          return image && pipeline.images.includes(image.name)
            ? image.digest ?? ''
            : [];
        }),
      );
      const found = new Map<string, DrillCandidate['release']>();
      for (const digest of digests) {
        const asked =
          known.get(digest) ??
          this.parts.releases.findByDigest(pipeline.service, digest);
        known.set(digest, asked);
        const release = await asked;
        if (!release) return undefined;
        found.set(release.id, { id: release.id, version: release.version });
      }
      const [only, ...others] = found.values();
      return others.length > 0 ? undefined : only;
    };
  }

  #kind(name: string): DrillKind {
    const kind = drillKindNamed(name);
    if (kind) return kind;
    throw new DrillProblem(
      'unknownKind',
      'There is no such kind of drill.',
      'Look at the list of kinds.',
    );
  }

  #place({ service, stage }: Pick<DrillWish, 'service' | 'stage'>): DrillStage {
    const found = this.stages().find(
      place => place.pipeline.service === service && place.stage.name === stage,
    );
    if (found) return found;
    throw new DrillProblem(
      'noDrills',
      `No device of the stage ${stage} of ${service} may be drilled.`,
      'Give a stage of kind edge `drills: {}` in the pipeline document.',
    );
  }
}

/** Whoever sees a drill sees all of its devices. */
export function maySee(
  { order }: Drill,
  { sees }: Pick<DrillPerson, 'sees'>,
): boolean {
  return order.devices.every(device => sees.allows(device));
}

/** What is said of a drill that is not there, or that somebody may not see. */
export function unknownDrill(): DrillProblem {
  return new DrillProblem('unknownDrill', 'There is no such drill.');
}

function requireRight({ order }: Drill, right: PlaceRights): void {
  if (order.devices.every(device => right.allows(device))) return;
  throw new DrillProblem(
    'notPermitted',
    'You need the right for every device of the drill.',
  );
}

function problemOf({ code, message }: DrillRefusal): DrillProblem {
  return new DrillProblem(code, message);
}

/** What lasts of a candidate; the rest is how it is at this moment, or words for people. */
function identityOf({
  id,
  cluster,
  name,
  site,
  hardware,
}: DrillCandidate): DrillDevice {
  return {
    id,
    cluster,
    name,
    ...(site !== undefined && { site }),
    ...(hardware !== undefined && { hardware }),
  };
}
