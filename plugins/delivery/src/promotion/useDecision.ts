// SPDX-License-Identifier: Apache-2.0
import { toastApiRef, useApi } from '@backstage/frontend-plugin-api';
import type {
  DeliveryProblem,
  PromotionView,
} from '@causeway/plugin-delivery-common';
import { useCommand } from '../data/useCommand';
import { useDeliveryTranslation } from '../translation';

/** How long the word that a decision was recorded stays, in milliseconds. */
const SHOWN_FOR = 6_000;

/** The ways a person can decide about a promotion. Each is recorded with the reason given. */
export interface DecisionCommands {
  readonly approve: (reason: string) => void;
  readonly reject: (reason: string) => void;
  readonly cancel: (reason: string) => void;
  readonly isPending: boolean;
  readonly problem?: DeliveryProblem;
}

type Wish = { kind: 'approve' | 'reject' | 'cancel'; reason?: string };

/** Sends decisions about a promotion; says when one was recorded, never before. */
export function useDecision(promotion: PromotionView): DecisionCommands {
  const { t } = useDeliveryTranslation();
  const toast = useApi(toastApiRef);
  const names = {
    version: promotion.release.version,
    stage: promotion.stageTitle ?? promotion.stage,
  };
  const recorded = {
    approve: t('promotion.approved', names),
    reject: t('promotion.rejected', names),
    cancel: t('promotion.cancelled', names),
  };
  const command = useCommand(
    async (client, wish: Wish, options) => {
      const { kind, reason } = wish;
      if (kind === 'cancel') {
        await client.cancelPromotion(promotion.id, reason, options);
      } else {
        await client.decidePromotion(
          promotion.id,
          { decision: kind, reason },
          options,
        );
      }
      return kind;
    },
    kind => {
      toast.post({
        title: recorded[kind],
        status: 'success',
        timeout: SHOWN_FOR,
      });
    },
  );
  const send = (kind: Wish['kind']) => (reason: string) =>
    command.send({ kind, reason: reason.trim() || undefined });
  return {
    approve: send('approve'),
    reject: send('reject'),
    cancel: send('cancel'),
    isPending: command.isPending,
    problem: command.problem,
  };
}
