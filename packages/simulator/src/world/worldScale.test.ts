// SPDX-License-Identifier: Apache-2.0
import { worldScale } from './worldScale';

test.each([
  [60, 4, 10_000, 10_000, 20_000, 250, true],
  [5_000, 4, 10_000, 10_000, 20_000, 250, true],
  [10_003, 20, 20_000, 2_000, 36_000, 1_250, true],
  [100_003, 200, 200_000, 1_000, 216_000, 12_500, false],
])(
  '%i devices in %i clusters: a heartbeat every %i ms, %i changes kept, %i ms of patience, a look every %i ms, a pod on every device: %s',
  (
    devices,
    clusters,
    heartbeatInterval,
    historyLimit,
    patience,
    lookInterval,
    daemonsEverywhere,
  ) => {
    expect(worldScale(devices, clusters)).toMatchObject({
      heartbeatInterval,
      historyLimit,
      patience,
      lookInterval,
      daemonsEverywhere,
    });
  },
);
