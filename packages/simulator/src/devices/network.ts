// SPDX-License-Identifier: Apache-2.0
import { addedLoss } from './availability';
import type { Device, Uplink } from './Device';
import { Effect, inForce } from './effects';
import { steadyLoad } from './load';
import type { NetworkQuality } from './Telemetry';
import type { Traits } from './traits';

/** What contracts promise: kilobits per second, and the share of packets lost on the way. */
const contracts: Readonly<
  Record<
    Uplink,
    {
      readonly download: number;
      readonly upload: number;
      readonly loss: number;
    }
  >
> = {
  fibre: { download: 500_000, upload: 250_000, loss: 0.0001 },
  cable: { download: 200_000, upload: 40_000, loss: 0.0005 },
  dsl: { download: 60_000, upload: 12_000, loss: 0.001 },
  mobile: { download: 40_000, upload: 15_000, loss: 0.003 },
};
const bitsPerSegment = 1_460 * 8;
/** Connections that pull an image at once. */
const connections = 4;

/** The way between a device and its cluster at an instant. */
export function networkOf(
  device: Device,
  traits: Traits,
  effects: readonly Effect[],
  at: number,
): NetworkQuality {
  const contract = contracts[device.site.uplink];
  const busy = steadyLoad(0.3, traits, at);
  const added = inForce(effects, 'latency', at).reduce(
    (sum, { parameters }) => sum + (parameters?.milliseconds ?? 300),
    0,
  );
  const limit = Math.min(
    Infinity,
    ...inForce(effects, 'bandwidth', at).map(
      ({ parameters }) => parameters?.kilobitsPerSecond ?? 256,
    ),
  );
  const free = 1 - 0.4 * busy;
  return {
    latency: traits.latency * (0.9 + 0.5 * busy) + added,
    download: Math.min(contract.download * free, limit),
    upload: Math.min(contract.upload * free, limit),
    loss: 1 - (1 - contract.loss * (0.5 + busy)) * (1 - addedLoss(effects, at)),
  };
}

/**
 * Milliseconds to pull so many bytes: a few round trips, then as fast as the
 * line or, where packets are lost, as TCP's congestion avoidance allows
 * (Mathis et al., 1997).
 */
export function transferTime(
  { latency, download, loss }: NetworkQuality,
  bytes: number,
): number {
  const perConnection =
    (1.22 * bitsPerSegment) / (latency * Math.sqrt(Math.max(loss, 1e-6)));
  const bitsPerMillisecond = Math.min(download, connections * perConnection);
  return 6 * latency + (bytes * 8) / bitsPerMillisecond;
}
