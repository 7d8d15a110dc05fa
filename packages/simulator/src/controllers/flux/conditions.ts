// SPDX-License-Identifier: Apache-2.0
import { Condition, conditionOf } from '../runtime/resources';

/** What a condition says, without when. */
export type Statement = Required<
  Pick<Condition, 'type' | 'status' | 'reason' | 'message'>
>;

const first = ['Reconciling', 'Stalled', 'Ready'];

function rank({ type }: Condition): number {
  const position = first.indexOf(type);
  return position < 0 ? first.length : position;
}

/** The conditions of a Flux object, changed by what a reconcile finds; never in place. */
export class Conditions {
  constructor(
    readonly list: readonly Condition[],
    private readonly generation: number,
    private readonly when: () => string,
  ) {}

  /** The condition of a type. */
  get(type: string): Condition | undefined {
    return conditionOf(this.list, type);
  }

  /** With a condition that says this; its time moves only when it says something new. */
  with(statement: Statement): Conditions {
    const previous = this.get(statement.type);
    const same =
      previous?.status === statement.status &&
      previous.reason === statement.reason &&
      previous.message === statement.message;
    const next: Condition = {
      ...statement,
      observedGeneration: this.generation,
      lastTransitionTime: (same && previous?.lastTransitionTime) || this.when(),
    };
    const others = this.list.filter(({ type }) => type !== statement.type);
    return this.#of([...others, next].sort((a, b) => rank(a) - rank(b)));
  }

  /** Without the conditions of these types. */
  without(...types: readonly string[]): Conditions {
    return this.#of(this.list.filter(({ type }) => !types.includes(type)));
  }

  /** Work is under way. `Ready` becomes unknown when nobody can tell yet, or when `drift` says that it may change. */
  progressing(message: string, drift: boolean): Conditions {
    const next = this.with({
      type: 'Reconciling',
      status: 'True',
      reason: 'Progressing',
      message,
    });
    if (this.get('Ready') && !drift) return next;
    return next.with({
      type: 'Ready',
      status: 'Unknown',
      reason: 'Progressing',
      message,
    });
  }

  /** Work has failed and will be tried again; what was under way stays readable. */
  failed(reason: string, message: string): Conditions {
    const underWay =
      this.get('Reconciling')?.message ?? 'reconciliation in progress';
    return this.with({
      type: 'Reconciling',
      status: 'True',
      reason: 'ProgressingWithRetry',
      message: underWay,
    }).with({
      type: 'Ready',
      status: 'False',
      reason,
      message,
    });
  }

  #of(list: readonly Condition[]): Conditions {
    return new Conditions(list, this.generation, this.when);
  }
}
