// SPDX-License-Identifier: Apache-2.0
import {
  canaries,
  Canary,
  CanaryPhase,
  CanaryWebhook,
  WebhookType,
} from './flaggerObjects';
import type { FlaggerSurroundings } from './FlaggerSurroundings';
import { noticeOf, questionOf } from './webhooks';

type NoteType = 'Normal' | 'Warning';

/** Asks the webhooks of a canary and tells what happens, to webhooks of type `event` and as Kubernetes Events. */
export class CanaryHooks {
  constructor(
    private readonly canary: Canary,
    private readonly flagger: FlaggerSurroundings,
  ) {}

  /** Tells something good. `phase` and `about` when they are not those the look began with. */
  note(
    message: string,
    phase?: CanaryPhase,
    about: Canary = this.canary,
  ): Promise<void> {
    return this.#tell('Normal', message, { phase, about });
  }

  /** Tells something that stands in the way. */
  warn(message: string, phase?: CanaryPhase): Promise<void> {
    return this.#tell('Warning', message, { phase, about: this.canary });
  }

  /** Whether a new revision may begin; `wait` is called when the gate has just closed. */
  async confirmRollout(wait: () => Promise<void>): Promise<boolean> {
    const phase = this.canary.status?.phase ?? 'Initialized';
    for (const hook of this.#of('confirm-rollout')) {
      if (!(await this.#agrees(hook, phase))) {
        if (phase !== 'Waiting') {
          await wait();
          await this.warn(
            `Halt ${this.#name} advancement waiting for approval ${hook.name}`,
          );
        }
        return false;
      }
      await this.note(`Confirm-rollout check ${hook.name} passed`);
    }
    return true;
  }

  /** Whether the preparations have worked. */
  async preRollout(): Promise<boolean> {
    for (const hook of this.#of('pre-rollout')) {
      const refusal = await this.#refusal(hook, 'Progressing');
      if (refusal !== undefined) {
        await this.warn(
          `Halt ${this.#name} advancement pre-rollout check ${
            hook.name
          } failed ${refusal}`,
        );
        return false;
      }
      await this.note(`Pre-rollout check ${hook.name} passed`);
    }
    return true;
  }

  /** Whether the checks that are asked at each look have passed. */
  async rollout(): Promise<boolean> {
    for (const hook of this.#of('rollout')) {
      const refusal = await this.#refusal(hook, 'Progressing');
      if (refusal !== undefined) {
        await this.warn(
          `Halt ${this.#name} advancement external check ${
            hook.name
          } failed ${refusal}`,
        );
        return false;
      }
    }
    return true;
  }

  /** Whether the weight may grow; a closed gate is no failed check. */
  async confirmTrafficIncrease(): Promise<boolean> {
    for (const hook of this.#of('confirm-traffic-increase')) {
      if (!(await this.#agrees(hook, 'Progressing'))) {
        await this.warn(
          `Halt ${
            this.#name
          } advancement waiting for traffic increase approval ${hook.name}`,
        );
        return false;
      }
      await this.note(`Confirm-traffic-increase check ${hook.name} passed`);
    }
    return true;
  }

  /** Whether the primary may be replaced; `wait` is called at each look that finds the gate closed. */
  async confirmPromotion(
    wait: (already: boolean) => Promise<void>,
  ): Promise<boolean> {
    const already = this.canary.status?.phase === 'WaitingPromotion';
    for (const hook of this.#of('confirm-promotion')) {
      if (!(await this.#agrees(hook, 'Progressing'))) {
        await wait(already);
        if (!already) {
          await this.warn(
            `Halt ${this.#name} advancement waiting for promotion approval ${
              hook.name
            }`,
          );
        }
        return false;
      }
      await this.note(`Confirm-promotion check ${hook.name} passed`);
    }
    return true;
  }

  /** Whether somebody asks for a rollback. */
  async rollback(phase: CanaryPhase): Promise<boolean> {
    for (const hook of this.#of('rollback')) {
      if (await this.#agrees(hook, phase)) {
        await this.warn(`Rollback check ${hook.name} passed`);
        return true;
      }
      await this.note(`Rollback hook ${hook.name} not signaling a rollback`);
    }
    return false;
  }

  /** Tells the hooks that it is over. `told` is the phase in what is told of it. */
  async postRollout(
    phase: 'Succeeded' | 'Failed',
    told?: CanaryPhase,
  ): Promise<void> {
    for (const hook of this.#of('post-rollout')) {
      const refusal = await this.#refusal(hook, phase);
      if (refusal !== undefined) {
        await this.warn(`Post-rollout hook ${hook.name} failed ${refusal}`);
        return;
      }
      await this.note(`Post-rollout check ${hook.name} passed`, told);
    }
  }

  #of(type: WebhookType): readonly CanaryWebhook[] {
    return (this.canary.spec.analysis?.webhooks ?? []).filter(
      hook => (hook.type ?? 'rollout') === type,
    );
  }

  async #agrees(hook: CanaryWebhook, phase: CanaryPhase): Promise<boolean> {
    return (await this.#refusal(hook, phase)) === undefined;
  }

  async #refusal(
    hook: CanaryWebhook,
    phase: CanaryPhase,
  ): Promise<string | undefined> {
    try {
      await this.flagger.send(hook, questionOf(this.canary, hook, phase));
      return undefined;
    } catch (error) {
      return error instanceof Error ? error.message : String(error);
    }
  }

  async #tell(
    type: NoteType,
    message: string,
    { phase, about }: { readonly phase?: CanaryPhase; readonly about: Canary },
  ): Promise<void> {
    const { cluster, recorder, send } = this.flagger;
    recorder.note(canaries, about, { type, reason: 'Synced', message });
    for (const hook of this.#of('event')) {
      const notice = noticeOf(about, hook, {
        type,
        message,
        phase: phase ?? about.status?.phase,
        now: cluster.scheduler.now(),
      });
      try {
        await send(hook, notice);
      } catch (error) {
        cluster.log(`flagger ${this.#name}: an event was not taken: ${error}`);
      }
    }
  }

  get #name(): string {
    const { name, namespace } = this.canary.metadata;
    return `${name}.${namespace}`;
  }
}
