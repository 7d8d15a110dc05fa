// SPDX-License-Identifier: Apache-2.0
import {
  createTranslationRef,
  useTranslationRef,
  type TranslationFunction,
} from '@backstage/frontend-plugin-api';

/**
 * Words that the delivery and the fleet pages share; translate them by adding a resource for the
 * `delivery-react` namespace.
 *
 * @public
 */
export const deliveryReactTranslationRef = createTranslationRef({
  id: 'delivery-react',
  messages: {
    span: {
      seconds: '{{seconds}} s',
      minutes: '{{minutes}} min',
      minutesSeconds: '{{minutes}} min {{seconds}} s',
      hours: '{{hours}} h',
      hoursMinutes: '{{hours}} h {{minutes}} min',
      days: '{{days}} d',
      daysHours: '{{days}} d {{hours}} h',
    },
    age: {
      ago: '{{span}} ago',
      for: 'for {{span}}',
      seen: 'seen {{span}} ago',
      lastSeen: 'last seen {{span}} ago',
      read: 'read {{span}} ago',
      waiting: 'waiting for {{span}}',
      expected: 'Expected {{when}}.',
      expectedIn: 'Expected {{when}}, in {{span}}.',
    },
    state: {
      was: 'Was {{word}}',
    },
    problem: {
      title: 'This could not be read',
      retry: 'Try again',
      refreshFailed: 'The last refresh failed, what you see is older',
      tryingAgain: 'Tries again by itself every 30 s.',
    },
    freshness: {
      live: 'Live',
      stale: 'Stale',
      unreachable: 'Unreachable',
      forbidden: 'No access',
      never: 'Never seen',
    },
  },
});

/**
 * Says a shared message in the person's language.
 *
 * @public
 */
export type SharedTranslate = TranslationFunction<
  (typeof deliveryReactTranslationRef)['T']
>;

/**
 * The shared words.
 *
 * @public
 */
export function useSharedTranslation(): { t: SharedTranslate } {
  return useTranslationRef(deliveryReactTranslationRef);
}
