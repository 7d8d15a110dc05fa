// SPDX-License-Identifier: Apache-2.0
import {
  createTranslationRef,
  useTranslationRef,
  type TranslationFunction,
} from '@backstage/frontend-plugin-api';

/**
 * Every word of the Simulation page but the scenarios' own; translate it by adding a resource for
 * the `simulation` namespace.
 *
 * @public
 */
export const simulationTranslationRef = createTranslationRef({
  id: 'simulation',
  messages: {
    span: {
      seconds: '{{seconds}} s',
      minutes: '{{minutes}} min {{seconds}} s',
      hours: '{{hours}} h {{minutes}} min',
    },
    page: {
      loading: 'Reading the simulated world',
      problem: 'The simulated world could not be read',
      retry: 'Try again',
      refreshFailed: 'The last refresh failed, what you see may be old',
      none: 'There is no simulated world',
    },
    world: {
      title: 'The world',
      clock: 'Clock',
      seed: 'Seed',
      clusters: 'Clusters',
      sites: 'Sites',
      devices: 'Devices',
      services: 'Services',
      well: 'All API servers answer.',
      faults: 'API servers with a fault',
      fault: {
        slow: 'slow',
        hang: 'does not answer',
        error: 'answers with errors',
        forbidden: 'forbids everything',
        malformed: 'answers nonsense',
        gone: 'has lost its history',
        cut: 'cuts watches',
        refuse: 'is gone',
        other: 'has a fault',
      },
    },
    runs: {
      title: 'Running scenarios',
      none: 'Nothing is wrong in the world. Start a scenario below.',
      stop: 'Stop',
      stopOf: 'Stop {{title}}, started {{time}}',
      stopAll: 'Stop all',
      stopping: 'Stopping, everything is being restored',
      remaining: 'stops by itself in {{span}}',
      ending: 'is about to stop by itself',
      unlimited: 'runs until it is stopped',
      since: 'since {{time}}',
      by: 'started by',
      ended: 'Ended',
      endedAt: '{{title}}, ended {{time}}',
      failedAt: '{{title}}, ended {{time}} with a problem',
      stopFailed: 'It could not be stopped',
    },
    catalogue: {
      title: 'Scenarios',
      filter: 'Find a scenario',
      noneFound: 'No scenario is about “{{text}}”.',
      start: 'Start…',
      startOf: 'Start {{title}}',
      subject: {
        release: 'Releases',
        traffic: 'Traffic',
        device: 'Devices',
        network: 'Network of devices',
        cluster: 'Clusters',
        forge: 'Git forge',
      },
    },
    form: {
      duration: 'Stops by itself after',
      forever: 'Never, I stop it',
      oneMinute: '1 minute',
      fiveMinutes: '5 minutes',
      thirtyMinutes: '30 minutes',
      anything: 'Any',
      cancel: 'Cancel',
      start: 'Start',
      starting: 'Starting…',
      refused: 'It was not started',
      started: '{{title}} has started',
      stopped: '{{title}} has stopped, everything is restored',
    },
  },
});

/** Says a message of the page in the person's language. */
export type Translate = TranslationFunction<
  (typeof simulationTranslationRef)['T']
>;

/** The words of the page. */
export function useSimulationTranslation(): { t: Translate } {
  return useTranslationRef(simulationTranslationRef);
}
