// SPDX-License-Identifier: Apache-2.0
import type { LoggerService } from '@backstage/backend-plugin-api';
import type { NotificationService } from '@backstage/plugin-notifications-node';
import type {
  Promotion,
  PromotionEvent,
} from '@causeway/plugin-delivery-common';
import type { Services } from '../catalog/Services';
import { notificationFor } from './notificationFor';

/** Tells the people concerned what happened to a promotion. */
export class Notifier {
  readonly #notifications: NotificationService;
  readonly #services: Services;
  readonly #logger: LoggerService;
  #isMissing = false;

  constructor(options: {
    readonly notifications: NotificationService;
    readonly services: Services;
    readonly logger: LoggerService;
  }) {
    this.#notifications = options.notifications;
    this.#services = options.services;
    this.#logger = options.logger;
  }

  /**
   * A return proves that the notification was taken, or that the portal has no notifications plugin.
   * Repeating it only updates the same notification.
   * @throws Error when it should be tried again
   */
  async announce(
    promotion: Promotion,
    events: readonly PromotionEvent[],
  ): Promise<void> {
    const service = await this.#services.find(promotion.service);
    const announcement = notificationFor(
      promotion,
      events,
      service?.owners ?? [],
    );
    if (!announcement) return;
    try {
      await this.#notifications.send({
        recipients: {
          type: 'entity',
          entityRef: [...announcement.recipients],
        },
        payload: announcement.payload,
      });
    } catch (error) {
      // The service throws plain errors; this text is all that tells a missing plugin from a fault.
      if (!String(error).includes('status 404')) throw error;
      if (!this.#isMissing) {
        this.#logger.warn(
          'The portal has no notifications plugin, so nobody is notified.',
        );
      }
      this.#isMissing = true;
    }
  }
}
