// SPDX-License-Identifier: Apache-2.0
import type { Machines } from '../controllers/nodes/Machines';

/** The tag that an overlay has until its first promotion; no build makes it. */
const neverBuilt = /:not-released$/;

/** The image registry of a world, as far as machines notice it: it has every image but one. */
export class Registry {
  readonly #outages = new Set<object>();

  /** Whether images can be pulled. */
  get answers(): boolean {
    return this.#outages.size === 0;
  }

  /** Takes it away until the outage ends; it is back when all have ended. */
  begin(): { end(): void } {
    const outage = {};
    this.#outages.add(outage);
    return { end: () => this.#outages.delete(outage) };
  }

  /** The machines of a cluster that pull from it. */
  serving(machines: Machines): Machines {
    return {
      isRunning: node => machines.isRunning(node),
      isConnected: node => machines.isConnected(node),
      bootedAt: node => machines.bootedAt(node),
      killedAt: (node, pod) => machines.killedAt(node, pod),
      pressure: node => machines.pressure(node),
      clockSkew: node => machines.clockSkew(node),
      graphicsProcessors: node => machines.graphicsProcessors(node),
      pullDuration: (node, image) => machines.pullDuration(node, image),
      canPull: (_node, image) => this.answers && !neverBuilt.test(image),
      endOf: (node, images) => machines.endOf?.(node, images),
      ran: (node, images) => machines.ran?.(node, images),
      onChange: listener => machines.onChange(listener),
    };
  }
}
