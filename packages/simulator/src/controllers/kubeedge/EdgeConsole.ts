// SPDX-License-Identifier: Apache-2.0

/** What people say at the devices themselves, as with `keadm ctl confirm`: the cloud cannot say it for them. */
export class EdgeConsole {
  readonly #confirmed = new Set<string>();

  /** Agrees to an upgrade at a node; `job` is the uid of the NodeUpgradeJob. */
  confirmUpgrade(job: string, node: string): void {
    this.#confirmed.add(`${job}/${node}`);
  }

  hasConfirmed(job: string, node: string): boolean {
    return this.#confirmed.has(`${job}/${node}`);
  }
}
