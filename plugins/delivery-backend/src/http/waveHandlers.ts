// SPDX-License-Identifier: Apache-2.0
import { ConflictError } from '@backstage/errors';
import {
  declarationOf,
  type Promotion,
  type WaveAction,
} from '@causeway/plugin-delivery-common';
import type { PromotionStore } from '../promotions/PromotionStore';
import type { Releases } from '../releases/Releases';
import { steerWave } from '../waves/steerWave';
import type { WaveStore } from '../waves/WaveStore';
import type { WaveViews } from '../waves/WaveViews';
import type { Admission, Caller } from './Admission';
import { etagOf, isKnown } from './etag';
import { orThrow, unknownPromotion } from './promotionHandlers';
import { RequestProblem } from './RequestProblem';
import type { Handlers } from './routes';
import type { StageAction, StagePermissions } from './StagePermissions';
import { withheldActions } from './withheldActions';

/** Pausing keeps what was agreed to; an answer lets more of it happen; ending it is a rollback. */
const rightFor: Readonly<Record<WaveAction, StageAction>> = {
  pause: 'promote',
  resume: 'promote',
  answer: 'approve',
  stop: 'rollback',
  takeBack: 'rollback',
};

/** Looking at waves, before and while they run, and telling them what to do. */
export function waveHandlers(parts: {
  readonly admission: Admission;
  readonly releases: Releases;
  readonly stagePermissions: StagePermissions;
  readonly store: PromotionStore;
  readonly waves: WaveStore;
  readonly waveViews: WaveViews;
}): Handlers<'getWave' | 'steerWave' | 'getWaves' | 'previewWave'> {
  const { admission, store, waves, waveViews } = parts;

  const find = async (id: string): Promise<Promotion> => {
    const stored = await store.get(id);
    if (!stored) throw unknownPromotion(id);
    return stored.promotion;
  };
  const viewOf = async (promotion: Promotion, caller: Caller) => {
    const view = await waveViews.of(
      promotion,
      await withheldActions(parts, { promotion, caller, rightFor }),
    );
    if (!view) throw noWave(promotion.id);
    return view;
  };

  return {
    async getWave(request) {
      const caller = await admission.read(request);
      const view = await viewOf(await find(request.params.id), caller);
      const headers = { ETag: etagOf(view) };
      return isKnown(request.header('if-none-match'), headers.ETag)
        ? { status: 304, headers }
        : { status: 200, body: view, headers };
    },

    async getWaves(request) {
      await admission.read(request);
      const items = await waveViews.list(
        async id => (await store.get(id))?.promotion,
      );
      return { status: 200, body: { items: [...items] } };
    },

    async previewWave(request) {
      await admission.read(request);
      const { stage: name, release: id } = request.query;
      const { pipeline } = await admission.find(request.query.service);
      const { service } = pipeline;
      const stage = pipeline.stages.find(each => each.name === name);
      const release = await parts.releases.get(id);
      if (!stage?.wave || release?.service !== service) throw noPreview(name);
      const declaration = declarationOf(pipeline, stage);
      return {
        status: 200,
        body: waveViews.preview({ service, stage: name, release, declaration }),
      };
    },

    async steerWave(request) {
      const { id } = request.params;
      const { action, reason, question, answer } = request.body;
      return admission.command(request, {
        eventId: 'wave-steer',
        meta: {
          promotion: id,
          action,
          ...(reason && { reason }),
          ...(question && { question }),
          ...(answer && { answer }),
        },
        needs: async () => {
          const { service, stage } = await find(id);
          return { action: rightFor[action], service, stages: [stage] };
        },
        run: async caller => {
          const promotion = await find(id);
          await say(id, request.body, caller.actor);
          return { status: 202, body: await viewOf(promotion, caller) };
        },
      });
    },
  };

  /** The wave may be written by its runner at the same moment; then it is read again. */
  async function say(
    id: string,
    wish: Parameters<typeof steerWave>[1],
    actor: string,
  ): Promise<void> {
    for (let attempt = 1; ; attempt += 1) {
      const wave = await waves.get(id);
      if (!wave) throw noWave(id);
      const command = orThrow(steerWave(wave, wish));
      try {
        await waves.say(wave, { command, actor, reason: wish.reason });
        return;
      } catch (error) {
        if (!(error instanceof ConflictError) || attempt === 10) throw error;
      }
    }
  }
}

function noWave(id: string): RequestProblem {
  return new RequestProblem('NotFoundError', {
    code: 'noWave',
    message: `Promotion ${id} has no wave yet, or its stage has none.`,
    hint: 'A wave begins when Flux has applied the commit in every cluster of the stage.',
  });
}

function noPreview(stage: string): RequestProblem {
  return new RequestProblem('NotFoundError', {
    code: 'noWave',
    message: `There is no wave to preview for ${stage}.`,
    hint: 'Give the stage `strategy: { wave: {} }` in the pipeline document, and name a release of this service that CI has reported.',
  });
}
