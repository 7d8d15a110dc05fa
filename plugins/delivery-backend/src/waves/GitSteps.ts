// SPDX-License-Identifier: Apache-2.0
import type { LoggerService } from '@backstage/backend-plugin-api';
import type { Promotion } from '@causeway/plugin-delivery-common';
import type { OverlayCommits } from './OverlayCommits';
import { isWritten, saidOfRelease, settle } from './overlaySteps';
import type { TemplateCommits } from './TemplateCommits';
import type { WaveSteps } from './WaveSteps';
import type { StoredWave } from './WaveStore';

/** Makes Git say what a wave has written down, and Flux know it. Each step may be done again by anybody. */
export class GitSteps {
  constructor(
    private readonly steps: WaveSteps,
    private readonly outside: {
      readonly commits: TemplateCommits;
      readonly overlays: OverlayCommits;
      readonly logger: LoggerService;
    },
  ) {}

  /** Git shall say what each device is to have. */
  async writeOverlays(
    wave: StoredWave,
    promotion: Promotion,
    signal: AbortSignal,
  ): Promise<void> {
    const written = isWritten(wave.overlays)
      ? wave
      : await this.#commitOverlays(wave, promotion, signal);
    const { overlays } = written;
    if (!overlays || overlays.step === 0 || overlays.asked) return;
    const of = overlays.changes.map(({ wants }) => wants);
    const isAsked = await this.#askFlux(of, () =>
      this.outside.overlays.askFlux(promotion, overlays, signal),
    );
    if (isAsked)
      await this.steps.record({ at: 'recordRequest', of }, written, promotion, {
        overlays: { ...overlays, asked: true },
      });
  }

  /** Git shall say what the wave wants devices to get. */
  async writeTemplate(
    wave: StoredWave,
    promotion: Promotion,
    signal: AbortSignal,
  ): Promise<void> {
    const written = wave.template.sha
      ? wave
      : await this.#commitTemplate(wave, promotion, signal);
    const { template } = written;
    if (template.step === 0 || template.asked) return;
    const of = [template.wants];
    const isAsked = await this.#askFlux(of, () =>
      this.outside.commits.askFlux(promotion, template, signal),
    );
    if (isAsked)
      await this.steps.record({ at: 'recordRequest', of }, written, promotion, {
        template: { ...template, asked: true },
      });
  }

  async #commitOverlays(
    wave: StoredWave,
    promotion: Promotion,
    signal: AbortSignal,
  ): Promise<StoredWave> {
    const { state, overlays } = wave;
    if (!state || !overlays) return wave;
    const { step, changes } = overlays;
    const of = changes.map(({ wants }) => wants);
    const { sha, says } = await this.steps.take({ at: 'commit', of }, () =>
      this.outside.overlays.write(promotion, overlays, state, signal),
    );
    const settled = settle(overlays, sha, says, saidOfRelease(promotion));
    return this.steps.record(
      { at: 'recordCommit', of },
      wave,
      promotion,
      { overlays: settled },
      [{ type: 'waveOverlays', step, sha, changes }],
    );
  }

  async #commitTemplate(
    wave: StoredWave,
    promotion: Promotion,
    signal: AbortSignal,
  ): Promise<StoredWave> {
    const { template } = wave;
    if (template.step === 0) return wave;
    const of = [template.wants];
    const sha = await this.steps.take({ at: 'commit', of }, () =>
      this.outside.commits.write(promotion, template, signal),
    );
    const written = { ...template, sha };
    return this.steps.record(
      { at: 'recordCommit', of },
      wave,
      promotion,
      { template: written },
      [{ type: 'waveTemplate', template: written }],
    );
  }

  /** Whether Flux was asked everywhere; what could not be asked is asked again at the next look. */
  async #askFlux(
    of: readonly string[],
    ask: () => Promise<readonly string[]>,
  ): Promise<boolean> {
    const problems = await this.steps.take({ at: 'askFlux', of }, ask);
    if (problems.length > 0)
      this.outside.logger.warn(`Trying again: ${problems.join(' ')}`);
    return problems.length === 0;
  }
}
