// SPDX-License-Identifier: Apache-2.0
import { templateHash } from '../workloads/templateHash';
import { Deployment, deployments } from '../workloads/workloads';
import { Analysis, analysisOf, totalWeight } from './analysis';
import { CanaryHooks } from './CanaryHooks';
import { CanaryWorkload } from './CanaryWorkload';
import { inPhase, isNewRevision, synced } from './canaryStatus';
import { canaries, Canary, CanaryPhase, CanaryStatus } from './flaggerObjects';
import { MetricChecks } from './MetricChecks';
import { Router, routerFor, Weights } from './routers';
import { advance } from './strategies';
import type { FlaggerSurroundings } from './FlaggerSurroundings';

const running: readonly (CanaryPhase | undefined)[] = [
  'Progressing',
  'WaitingPromotion',
  'Promoting',
  'Finalising',
];
const allToPrimary: Weights = { primary: totalWeight, canary: 0 };

/** Something that ends a look and is told as a warning. */
class Halt extends Error {
  constructor(message: string, readonly hopeful = true) {
    super(message);
  }
}

/**
 * One look at a canary. What it sees at its beginning counts to its end, as in
 * Flagger: payloads and events carry the phase and checksum of then.
 */
export class CanaryTick {
  readonly analysis: Analysis;
  readonly router: Router;
  readonly hooks: CanaryHooks;
  readonly workload: CanaryWorkload;
  readonly metrics: MetricChecks;
  readonly #provider: string;

  constructor(
    readonly canary: Canary,
    private readonly flagger: FlaggerSurroundings,
  ) {
    this.#provider = canary.spec.provider ?? flagger.settings.meshProvider;
    this.analysis = analysisOf(canary);
    this.router = routerFor(this.#provider, flagger.cluster.client);
    this.hooks = new CanaryHooks(canary, flagger);
    this.workload = new CanaryWorkload(canary, flagger.cluster);
    this.metrics = new MetricChecks(canary, this.#provider, {
      ...flagger,
      hooks: this.hooks,
    });
  }

  /** Takes the canary as far as it goes now. */
  async run(): Promise<void> {
    if (this.canary.spec.suspend) {
      await this.hooks.note('skipping canary run as object is suspended');
      return;
    }
    try {
      await this.#look();
    } catch (error) {
      if (!(error instanceof Halt)) throw error;
      await this.hooks.warn(error.message);
      if (!error.hopeful) await this.rollBack();
    }
  }

  async #look(): Promise<void> {
    const { status } = this.canary;
    const isNew =
      status?.phase === undefined || status.phase === 'Initializing';
    const target = await this.#target();
    await this.workload.ensureServices(target);
    if (isNew && !this.analysis.skipped) await this.metrics.announce();
    const primary = await this.workload.ensurePrimary(target);
    if (isNew && !this.analysis.skipped) this.#mustBeReady(primary, 'primary');
    await this.workload.pointServiceToPrimary(target);
    if (isNew) await this.workload.scaleTarget(0);
    await this.router.ensure(this.canary);
    if (!isNew) {
      await this.#goOn(target);
      return;
    }
    const initialized = await this.sync({ phase: 'Initialized' });
    await this.hooks.note(
      `Initialization done! ${this.#name}`,
      initialized.status?.phase,
      initialized,
    );
    // What was pushed meanwhile is a new revision already.
    await new CanaryTick(initialized, this.flagger).#goOn(await this.#target());
  }

  async #goOn(target: Deployment): Promise<void> {
    const phase = this.canary.status?.phase;
    if (!running.includes(phase) && phase !== 'Waiting') {
      // The revision counts as seen also in a failed canary, but only a newer one starts it again.
      if (phase === 'Failed') await this.sync({ ...this.canary.status, phase });
      // Read after the write, or what is pushed in between would count as seen and never start.
      if (!this.#isNew(await this.#target())) return;
    }
    if (!this.analysis.skipped && !(await this.#primaryIsReady())) return;
    const weights = await this.router.weights(this.canary);
    if (!running.includes(phase)) {
      await this.#takeUp(target);
      return;
    }
    const moving = phase === 'Progressing' || phase === 'WaitingPromotion';
    if (moving && this.#isNew(target)) {
      await this.hooks.note(
        `New revision detected! Restarting analysis for ${this.#targetName}`,
      );
      await this.router.set(this.canary, allToPrimary);
      await this.sync({ phase: 'Progressing' });
      return;
    }
    this.#mustBeReady(target, 'canary');
    if (this.analysis.skipped) {
      await this.#promoteAtOnce(target);
      return;
    }
    await this.#analyse(target, weights);
  }

  /** A new revision waits for the gate, then begins at weight 0. */
  async #takeUp(target: Deployment): Promise<void> {
    const fresh = await this.flagger.cluster.client.get(
      canaries,
      this.canary.metadata,
    );
    if (!fresh) return;
    const next = new CanaryTick(fresh, this.flagger);
    if (!(await next.hooks.confirmRollout(() => next.enter('Waiting')))) return;
    await next.hooks.note(
      `New revision detected! Scaling up ${this.#targetName}`,
      'Progressing',
    );
    await this.workload.scaleFromZero(target);
    await next.sync({ phase: 'Progressing' });
  }

  async #analyse(target: Deployment, weights: Weights): Promise<void> {
    const { status } = this.canary;
    const phase = status?.phase;
    const moving = phase === 'Progressing' || phase === 'WaitingPromotion';
    if (moving && (await this.hooks.rollback(phase))) {
      await this.hooks.warn(
        `Rolling back ${this.#name} manual webhook invoked`,
      );
      await this.rollBack();
      return;
    }
    if (phase === 'Promoting') {
      await this.#routeBack(weights);
      return;
    }
    if (phase === 'Finalising') {
      await this.#finish();
      return;
    }
    if (moving && (status?.failedChecks ?? 0) >= this.analysis.threshold) {
      await this.rollBack();
      return;
    }
    if (!(await this.#passes(weights))) {
      await this.write({
        ...status,
        failedChecks: (status?.failedChecks ?? 0) + 1,
      });
      return;
    }
    await advance(this, { target, weights, provider: this.#provider });
  }

  /** Before there is traffic the first hooks are asked, with traffic the metrics. */
  async #passes(weights: Weights): Promise<boolean> {
    const { iterations = 0 } = this.canary.status ?? {};
    const idle =
      weights.canary === 0 &&
      iterations === 0 &&
      !(this.analysis.mirror && weights.mirrored);
    if (!idle)
      return (await this.hooks.rollout()) && (await this.metrics.pass());
    await this.hooks.note(`Starting canary analysis for ${this.#targetName}`);
    return this.hooks.preRollout();
  }

  async #routeBack(weights: Weights): Promise<void> {
    const step = this.canary.spec.analysis?.stepWeightPromotion ?? 0;
    if (this.#provider === 'kubernetes') {
      await this.enter('Finalising');
      return;
    }
    if (step === 0) {
      await this.hooks.note('Routing all traffic to primary');
      await this.router.set(this.canary, allToPrimary);
      await this.enter('Finalising');
      return;
    }
    if (weights.canary === 0) return;
    const primary = Math.min(totalWeight, weights.primary + step);
    const canary = Math.max(0, weights.canary - step);
    await this.router.set(this.canary, { primary, canary });
    await this.hooks.note(`Advance ${this.#name} primary weight ${primary}`);
    if (primary === totalWeight) await this.enter('Finalising');
    else await this.write({ ...this.canary.status, canaryWeight: canary });
  }

  async #finish(): Promise<void> {
    await this.workload.scaleTarget(0);
    await this.enter('Succeeded');
    await this.hooks.postRollout('Succeeded', 'Succeeded');
    await this.hooks.note(
      `Promotion completed! Scaling down ${this.#targetName}`,
      'Succeeded',
    );
  }

  async #promoteAtOnce(target: Deployment): Promise<void> {
    await this.router.set(this.canary, allToPrimary);
    await this.copyToPrimary(target);
    await this.workload.scaleTarget(0);
    await this.enter('Succeeded');
    await this.hooks.postRollout('Succeeded', 'Succeeded');
    await this.hooks.note(
      `Promotion completed! Canary analysis was skipped for ${
        this.#targetName
      }`,
      'Succeeded',
    );
  }

  /** Gives the primary what the target has. */
  async copyToPrimary(target: Deployment): Promise<void> {
    const { namespace } = this.canary.metadata;
    const { name } = target.metadata;
    await this.hooks.note(
      `Copying ${
        this.#targetName
      } template spec to ${name}-primary.${namespace}`,
    );
    await this.workload.promote(target);
  }

  /** Ends the canary: traffic and pods go back to the primary. */
  async rollBack(): Promise<void> {
    const { status } = this.canary;
    const { threshold } = this.analysis;
    if ((status?.failedChecks ?? 0) >= threshold) {
      await this.hooks.warn(
        `Rolling back ${this.#name} failed checks threshold reached ${
          status?.failedChecks
        }`,
      );
    }
    await this.router.set(this.canary, allToPrimary);
    await this.hooks.warn(
      `Canary failed! Scaling down ${this.#name}`,
      'Failed',
    );
    await this.workload.scaleTarget(0);
    await this.sync({ phase: 'Failed' });
    await this.hooks.postRollout('Failed');
  }

  /** Writes another phase. */
  async enter(phase: CanaryPhase): Promise<void> {
    await this.write(inPhase(this.canary, phase, this.#now));
  }

  /** Takes up the revision that is in the target now. */
  async sync(
    to: Pick<CanaryStatus, 'canaryWeight' | 'failedChecks' | 'iterations'> & {
      readonly phase: CanaryPhase;
    },
  ): Promise<Canary> {
    const { template } = (await this.#target()).spec;
    const revision = templateHash(template);
    return this.write(synced(this.canary, { ...to, revision }, this.#now));
  }

  /** Writes a status as it is. */
  write(status: CanaryStatus): Promise<Canary> {
    return this.flagger.cluster.client.patchStatus(
      canaries,
      this.canary.metadata,
      status,
    );
  }

  /** False when the promotion has failed because of the primary. */
  async #primaryIsReady(): Promise<boolean> {
    const primary = await this.workload.primary();
    if (!primary)
      throw new Halt(`deployment ${this.#targetName} has no primary`);
    const readiness = this.#readiness(primary, 'primary');
    if (readiness.ready) return true;
    const phase = this.canary.status?.phase;
    const { name, namespace } = primary.metadata;
    const why = `${name}.${namespace} not ready: ${readiness.why}`;
    const promoted = phase === 'Promoting' || phase === 'Finalising';
    if (readiness.hopeful || !promoted) throw new Halt(why, readiness.hopeful);
    await this.hooks.warn(why);
    await this.#failPromotion(why);
    return false;
  }

  /** A primary that does not come up leaves the canary as the only healthy copy, so it gets all of the traffic. */
  async #failPromotion(why: string): Promise<void> {
    await this.hooks.warn(
      `Promotion of ${this.#targetName} failed, primary not ready: ${why}`,
    );
    await this.router.set(this.canary, { primary: 0, canary: totalWeight });
    await this.sync({ phase: 'Failed', canaryWeight: totalWeight });
    await this.hooks.postRollout('Failed');
  }

  #mustBeReady(deployment: Deployment, role: 'primary' | 'canary'): void {
    const readiness = this.#readiness(deployment, role);
    if (readiness.ready) return;
    const { name, namespace } = deployment.metadata;
    const who = role === 'canary' ? 'canary deployment ' : '';
    throw new Halt(
      `${who}${name}.${namespace} not ready: ${readiness.why}`,
      readiness.hopeful,
    );
  }

  #readiness(deployment: Deployment, role: 'primary' | 'canary') {
    return this.workload.readiness(deployment, {
      deadline: this.analysis.progressDeadline,
      threshold: this.analysis.readyThreshold[role],
      now: this.#now,
    });
  }

  #isNew(target: Deployment): boolean {
    return isNewRevision(
      this.canary.status,
      templateHash(target.spec.template),
    );
  }

  async #target(): Promise<Deployment> {
    const { namespace } = this.canary.metadata;
    const { name } = this.canary.spec.targetRef;
    const target = await this.flagger.cluster.client.get(deployments, {
      namespace,
      name,
    });
    if (target) return target;
    throw new Halt(
      `deployment ${name}.${namespace} get query error: deployments.apps "${name}" not found`,
    );
  }

  get #now(): Date {
    return this.flagger.cluster.scheduler.now();
  }

  get #name(): string {
    const { name, namespace } = this.canary.metadata;
    return `${name}.${namespace}`;
  }

  get #targetName(): string {
    return `${this.canary.spec.targetRef.name}.${this.canary.metadata.namespace}`;
  }
}
