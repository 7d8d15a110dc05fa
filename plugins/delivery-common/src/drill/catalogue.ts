// SPDX-License-Identifier: Apache-2.0
import { sayDuration } from '../gates/sayDuration';
import type { Milliseconds } from '../time';
import type { DrillKind, Expectation } from './drillKind';

const minute = 60_000;

const staysConnected: Expectation = {
  asks: 'connected',
  title: 'The device stays connected',
  during: 'throughout',
};
const keepsRunning: Expectation = {
  asks: 'notRestarted',
  title: 'The pods of the service are not restarted',
  during: 'throughout',
};
const staysCool: Expectation = {
  asks: 'cool',
  title: 'The device stays below its critical temperature',
  during: 'throughout',
};
/** What every drill expects: without it, the rest would say nothing. */
const always: readonly Expectation[] = [
  {
    asks: 'sameRelease',
    title: 'The release on the device stays the same',
    during: 'throughout',
  },
  {
    asks: 'othersWell',
    title: 'Other devices at the site are not disturbed',
    during: 'throughout',
  },
];

function showsAway(within: Milliseconds): Expectation {
  return {
    asks: 'away',
    title: 'The portal shows the device as away',
    during: 'fault',
    within,
  };
}

function showsTrouble(within: Milliseconds): Expectation {
  return {
    asks: 'troubled',
    title: 'The health of the device tells of the trouble',
    during: 'fault',
    within,
  };
}

function comesBack(within: Milliseconds): Expectation {
  return {
    asks: 'connected',
    title: 'The device is connected again',
    during: 'recovery',
    within,
  };
}

function isReady(within: Milliseconds): Expectation {
  return {
    asks: 'ready',
    title: 'The pods of the service are ready again',
    during: 'recovery',
    within,
  };
}

function isHealthy(within: Milliseconds): Expectation {
  return {
    asks: 'healthy',
    title: 'The device is healthy again',
    during: 'recovery',
    within,
  };
}

/** Devices without network. A break that is shorter than a lease may go unnoticed, which is well. */
function offline(
  minutes: number,
  expects: readonly Expectation[],
): Omit<DrillKind, 'recovery'> {
  const duration = minutes * minute;
  return {
    name: `offline-${minutes}m`,
    title: `Network off, ${sayDuration(duration)}`,
    consequence:
      'The devices lose their network. What runs there goes on; nothing reaches it from outside, and its work must wait.',
    fault: 'networkOff',
    duration,
    expects: [...expects, ...always],
  };
}

/** Every kind of drill, in the order in which people read them. */
export const drillCatalogue: readonly DrillKind[] = [
  {
    ...offline(1, [keepsRunning, comesBack(2 * minute), isReady(3 * minute)]),
    recovery: 3 * minute,
  },
  {
    ...offline(5, [
      showsAway(2 * minute),
      keepsRunning,
      comesBack(2 * minute),
      isReady(3 * minute),
    ]),
    recovery: 3 * minute,
  },
  {
    // After five minutes a cluster may give the pods of Deployments away; then they have to come back.
    ...offline(30, [
      showsAway(2 * minute),
      comesBack(2 * minute),
      isReady(10 * minute),
    ]),
    recovery: 10 * minute,
  },
  {
    name: 'flapping-network',
    title: 'Intermittent network, 10 min',
    consequence:
      'The network of the devices comes and goes, half of each minute. What runs there has to try again and again.',
    fault: 'networkFlapping',
    duration: 10 * minute,
    recovery: 3 * minute,
    expects: [
      keepsRunning,
      comesBack(2 * minute),
      isReady(3 * minute),
      ...always,
    ],
  },
  {
    name: 'high-load',
    title: 'High CPU and GPU load, 10 min',
    consequence:
      'Something else takes nearly all of the processors and the GPU. The service gets slower, and the devices get warmer.',
    fault: 'load',
    duration: 10 * minute,
    recovery: 3 * minute,
    expects: [
      {
        asks: 'busy',
        title: 'The load is seen on the device',
        during: 'fault',
        within: 3 * minute,
      },
      staysConnected,
      staysCool,
      keepsRunning,
      isReady(3 * minute),
      ...always,
    ],
  },
  {
    name: 'storage-full',
    title: 'Storage full, 5 min',
    consequence:
      'The storage of the devices fills up. Nothing new can be written there, and the kubelet may evict pods.',
    fault: 'storageFull',
    duration: 5 * minute,
    recovery: 10 * minute,
    expects: [
      showsTrouble(3 * minute),
      staysConnected,
      isHealthy(8 * minute),
      isReady(10 * minute),
      ...always,
    ],
  },
  {
    name: 'memory-pressure',
    title: 'Memory pressure, 5 min',
    consequence:
      'Something else takes nearly all of the memory. The kubelet may evict pods.',
    fault: 'memoryPressure',
    duration: 5 * minute,
    recovery: 10 * minute,
    expects: [
      showsTrouble(3 * minute),
      staysConnected,
      isHealthy(8 * minute),
      isReady(10 * minute),
      ...always,
    ],
  },
  {
    name: 'container-restart',
    title: 'Container restart',
    consequence:
      'Every container of the service on the devices is killed once, as by a crash. The service is gone there until they are started again.',
    fault: 'containerRestart',
    // Killing takes a moment; the rest is for seeing that it stays at once.
    duration: 2 * minute,
    recovery: 2 * minute,
    expects: [
      {
        asks: 'restarted',
        title: 'Each container is started again, in the same pod',
        during: 'throughout',
        within: 2 * minute,
      },
      {
        asks: 'restartedOnce',
        title: 'No container is started more than once, and no pod is replaced',
        during: 'throughout',
      },
      staysConnected,
      isReady(minute),
      ...always,
    ],
  },
  {
    name: 'sudden-reboot',
    title: 'Sudden reboot',
    consequence:
      'The devices boot without a warning, as when their power fails for a moment: nothing is stopped, and what is not written yet is lost. The service is gone there until they are back.',
    fault: 'suddenReboot',
    // It takes a moment; the rest is for the boot.
    duration: 5 * minute,
    recovery: 10 * minute,
    expects: [
      {
        asks: 'bootedAnew',
        title: 'The device has booted anew and is connected again',
        during: 'throughout',
        within: 5 * minute,
      },
      {
        asks: 'readyAnew',
        title: 'The pods of the service have started again and are ready',
        during: 'throughout',
        within: 10 * minute,
      },
      ...always,
    ],
  },
  {
    name: 'heat',
    title: 'Heat, 10 min',
    consequence:
      'The air around the devices gets 15 °C warmer. They may slow down; at their critical temperature the drill ends by itself.',
    fault: 'heat',
    duration: 10 * minute,
    recovery: 15 * minute,
    expects: [
      staysCool,
      staysConnected,
      keepsRunning,
      isHealthy(15 * minute),
      ...always,
    ],
  },
  {
    name: 'power-off',
    title: 'Power off, 3 min',
    consequence:
      'The devices lose power without a warning, and boot when it is back. The service is gone there meanwhile.',
    fault: 'powerOff',
    duration: 3 * minute,
    recovery: 10 * minute,
    expects: [
      showsAway(2 * minute),
      comesBack(5 * minute),
      isReady(10 * minute),
      ...always,
    ],
  },
  {
    name: 'undervoltage',
    title: 'Undervoltage, 5 min',
    consequence:
      'The power supply of the devices gets too weak. They slow down, but must go on.',
    fault: 'undervoltage',
    duration: 5 * minute,
    recovery: 5 * minute,
    hardware: ['raspberry-pi-4', 'raspberry-pi-5'],
    expects: [
      showsTrouble(3 * minute),
      staysConnected,
      keepsRunning,
      isHealthy(5 * minute),
      ...always,
    ],
  },
];

/** The kind of that name. */
export function drillKindNamed(name: string): DrillKind | undefined {
  return drillCatalogue.find(kind => kind.name === name);
}
