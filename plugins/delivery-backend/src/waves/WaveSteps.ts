// SPDX-License-Identifier: Apache-2.0
import type { Promotion } from '@causeway/plugin-delivery-common';
import type { WaveEvent } from './waveEvents';
import type { StoredWave, WaveStore } from './WaveStore';

/** Where a process may die. */
export interface WaveStep {
  readonly at:
    | 'decide'
    | 'commit'
    | 'recordCommit'
    | 'askFlux'
    | 'recordRequest'
    | 'pull'
    | 'probe'
    | 'replace';
  readonly where: 'before' | 'after';
  /** What was decided, what template or overlays are to hold, what becomes of pulls and probes, or how the pod goes. */
  readonly of: readonly string[];
}

/** What the steps of waves need. */
export interface WaveStepsOptions {
  readonly waves: WaveStore;
  /** Called when a wave has changed. */
  readonly changed: (wave: StoredWave, promotion: Promotion) => void;
  /** Called before and after each effect; tests of crashes stop the process there. */
  readonly onStep?: (step: WaveStep) => Promise<void> | void;
}

/** The effects of waves, one by one, and what is written down of them. */
export class WaveSteps {
  constructor(private readonly options: WaveStepsOptions) {}

  async take<T>(
    step: Omit<WaveStep, 'where'>,
    effect: () => Promise<T>,
  ): Promise<T> {
    const { onStep } = this.options;
    await onStep?.({ ...step, where: 'before' });
    const result = await effect();
    await onStep?.({ ...step, where: 'after' });
    return result;
  }

  /** Writes down what has become of a wave. @throws ConflictError like {@link WaveStore.save} */
  async record(
    { at, of }: Omit<WaveStep, 'where'>,
    wave: StoredWave,
    promotion: Promotion,
    change: Parameters<WaveStore['save']>[1],
    events: readonly WaveEvent[] = [],
  ): Promise<StoredWave> {
    const { waves, changed } = this.options;
    return this.take({ at, of }, async () => {
      const saved = await waves.save(wave, change, events);
      if (events.length > 0 || saved.report?.state !== wave.report?.state)
        changed(saved, promotion);
      return saved;
    });
  }
}
