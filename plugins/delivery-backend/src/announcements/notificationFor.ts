// SPDX-License-Identifier: Apache-2.0
import { parseEntityRef } from '@backstage/catalog-model';
import type { NotificationSendOptions } from '@backstage/plugin-notifications-node';
import type {
  Promotion,
  PromotionEvent,
} from '@causeway/plugin-delivery-common';

type NotificationPayload = NotificationSendOptions['payload'];

/** A notification, ready to be sent. */
export interface Announcement {
  /** Entity refs of people and groups. */
  readonly recipients: readonly string[];
  readonly payload: NotificationPayload;
}

/**
 * What people are told of a promotion after some events, or undefined when it concerns nobody. The
 * scope is the promotion, so that a later word takes the place of the earlier one.
 */
export function notificationFor(
  promotion: Promotion,
  events: readonly PromotionEvent[],
  owners: readonly string[],
): Announcement | undefined {
  const words = wordsFor(promotion, events);
  if (!words) return undefined;
  const concerned =
    words.audience === 'approvers'
      ? promotion.declaration.gates.flatMap(gate =>
          gate.kind === 'approval' ? [gate.group] : [],
        )
      : [promotion.requestedBy, ...owners];
  const recipients = Array.from(new Set(concerned.filter(isPerson)));
  if (recipients.length === 0) return undefined;
  return {
    recipients,
    payload: {
      title: words.title,
      ...(words.description && { description: words.description }),
      link: linkTo(promotion),
      severity: words.severity,
      topic: 'delivery',
      scope: promotion.id,
    },
  };
}

/** The Pipeline tab of the service, opened at the promotion. */
export function linkTo(promotion: Pick<Promotion, 'id' | 'service'>): string {
  const { namespace, kind, name } = parseEntityRef(promotion.service);
  return `/catalog/${namespace}/${kind}/${name}/pipeline?promotion=${promotion.id}`;
}

interface Words {
  readonly audience: 'approvers' | 'concerned';
  readonly title: string;
  readonly description?: string;
  readonly severity: NotificationPayload['severity'];
}

function wordsFor(
  promotion: Promotion,
  events: readonly PromotionEvent[],
): Words | undefined {
  const { service, release, declaration, kind } = promotion;
  const { name } = parseEntityRef(service);
  const what = `${name} ${release.version}`;
  const where = declaration.stageTitle;
  const has = (type: PromotionEvent['type']) =>
    events.some(event => event.type === type);

  if (has('failed') && promotion.phase === 'failed') {
    return {
      audience: 'concerned',
      title: `${what} failed in ${where}`,
      description: [promotion.problem.message, promotion.problem.hint]
        .filter(Boolean)
        .join(' '),
      severity: 'high',
    };
  }
  if (has('succeeded')) {
    return kind === 'rollback'
      ? {
          audience: 'concerned',
          title: `${where} was taken back to ${what}`,
          ...(promotion.reason && { description: promotion.reason }),
          severity: 'high',
        }
      : {
          audience: 'concerned',
          title: `${what} runs in ${where}`,
          severity: 'normal',
        };
  }
  if (has('rejected') && promotion.phase === 'rejected') {
    return {
      audience: 'concerned',
      title: `${what} was rejected for ${where}`,
      description: promotion.why,
      severity: 'normal',
    };
  }
  const asksApproval =
    kind === 'promotion' &&
    promotion.phase === 'waiting' &&
    declaration.gates.some(gate => gate.kind === 'approval');
  return has('requested') && asksApproval
    ? {
        audience: 'approvers',
        title: `${what} waits for your approval to enter ${where}`,
        ...(promotion.reason && { description: promotion.reason }),
        severity: 'normal',
      }
    : undefined;
}

function isPerson(ref: string): boolean {
  return ref.startsWith('user:') || ref.startsWith('group:');
}
