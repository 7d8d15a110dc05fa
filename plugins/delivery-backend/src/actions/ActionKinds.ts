// SPDX-License-Identifier: Apache-2.0
import type { ActionKind } from '@causeway/plugin-delivery-common';
import type { DeviceActionExecutor } from '@causeway/plugin-delivery-node';

/** The kinds of actions that this portal can do, in the order in which people see them. */
export class ActionKinds {
  readonly #executors = new Map<string, DeviceActionExecutor>();

  constructor(executors: readonly DeviceActionExecutor[] = []) {
    for (const executor of executors) this.add(executor);
  }

  /** @throws Error for a name that is taken, or that is none */
  add(executor: DeviceActionExecutor): void {
    const { name } = executor.kind;
    if (!/^[a-z][A-Za-z0-9]{0,39}$/.test(name)) {
      throw new Error(
        `"${name}" can not name a kind of action: only letters and digits, beginning with a small letter`,
      );
    }
    if (this.#executors.has(name)) {
      throw new Error(`There are two kinds of action named "${name}"`);
    }
    this.#executors.set(name, executor);
  }

  find(name: string): DeviceActionExecutor | undefined {
    return this.#executors.get(name);
  }

  kind(name: string): ActionKind | undefined {
    return this.#executors.get(name)?.kind;
  }

  list(): readonly ActionKind[] {
    return [...this.#executors.values()].map(({ kind }) => kind);
  }
}
