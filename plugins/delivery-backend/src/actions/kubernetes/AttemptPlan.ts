// SPDX-License-Identifier: Apache-2.0
import { neededKinds } from '@causeway/plugin-delivery-common';
import type { DeviceActionContext } from '@causeway/plugin-delivery-node';
import { listIn, recordIn, textIn } from '../../clusters/fields';
import { namespaced } from '../../clusters/namespaced';
import { attemptMetadata, attemptName, nameOf } from './attemptObject';
import { nodePath, readNode, type ReadNode } from './nodes';

/** Where Plans are made. Nothing of it comes from a request. */
export interface PlanSettings {
  /** That the controller watches, and its Jobs run in. */
  readonly namespace: string;
  /** Of the Jobs; needs what the controller's manual says. */
  readonly serviceAccount: string;
  /** How long the Job may take, in seconds. */
  readonly timeoutSeconds: number;
}

/** What a Plan runs on the device. */
export interface PlanWork {
  /** The tag of an image that has none, and a label of the Job. */
  readonly version: string;
  readonly upgrade: {
    readonly image: string;
    readonly command?: readonly string[];
    readonly args?: readonly string[];
  };
}

/** How far the controller is, as the Plan and the mark on the node tell. */
export type PlanSight =
  /** With the controller's own words. */
  | { readonly state: 'failed'; readonly words: string }
  /** The node's mark is the Plan's latest hash, which it gets when the Job is complete. */
  | { readonly state: 'through'; readonly hash: string }
  | { readonly state: 'underWay'; readonly words: string };

/** For the controller to notice and to come to its end, beyond the time of the Job, in seconds. */
export const planSlack = 5 * 60;

const needed = neededKinds['plans.upgrade.cattle.io'];
const api = `/apis/${needed.api}`;
const plans = `${api}/plans`;
const hostnameLabel = 'kubernetes.io/hostname';

/**
 * The Plan of one attempt, for one node: named by the action and its attempt, so that it is found after a
 * crash and no other Plan is touched.
 *
 * A Plan works on every node that it selects and that does not have its mark, whenever that comes to be.
 * So none outlives its attempt: it is taken away at every end, and only then the mark from the node.
 */
export class AttemptPlan {
  /** The label by which the controller knows that a node has what the Plan asks for. */
  readonly #mark: string;
  readonly #collection: string;
  readonly #path: string;

  constructor(
    private readonly settings: PlanSettings,
    private readonly context: DeviceActionContext,
  ) {
    const { namespace } = settings;
    const name = attemptName(context);
    this.#mark = `plan.upgrade.cattle.io/${name}`;
    this.#collection = `${api}/namespaces/${encodeURIComponent(
      namespace,
    )}/plans`;
    this.#path = namespaced(plans, { namespace, name });
  }

  /** The Plan, read now; undefined when there is none. */
  async read(): Promise<unknown> {
    return this.context.cluster.get(this.#path);
  }

  /** Why the cluster takes no Plans at all. */
  async whyUnserved(): Promise<string | undefined> {
    return (await this.context.cluster.get(api)) === undefined
      ? needed.without
      : undefined;
  }

  /** Why no Plan can work on the node now. */
  async obstacle(node: ReadNode): Promise<string | undefined> {
    const { cluster } = this.context;
    const hostname = textIn(node.labels, hostnameLabel);
    const twins =
      hostname === undefined
        ? []
        : await cluster.list('/api/v1/nodes', {
            labels: `${hostnameLabel}=${hostname}`,
          });
    if (twins.length !== 1) {
      return `A Plan chooses its node by the label ${hostnameLabel}, and ${
        twins.length === 0 ? 'this one has none' : 'another one has the same'
      }.`;
    }
    const others = await cluster.list(this.#collection);
    const busy = others.find(plan => this.#isApplying(plan, node));
    return busy === undefined
      ? undefined
      : `The Plan ${nameOf(busy)} works on the device now.`;
  }

  /** Makes the Plan. Returns why that was not possible. */
  async make(node: ReadNode, work: PlanWork): Promise<string | undefined> {
    const made = await this.context.cluster.create(
      this.#collection,
      this.#manifest(node, work),
    );
    if (made.kind === 'missing') {
      return `The cluster has no namespace ${this.settings.namespace} for the Plan.`;
    }
    return made.kind === 'busy' ? made.message : undefined;
  }

  /** How far the controller is with the Plan that was read. */
  sight(plan: unknown, node: ReadNode): PlanSight {
    const words = failureOf(plan);
    if (words !== undefined) return { state: 'failed', words };
    const hash = textIn(recordIn(plan, 'status'), 'latestHash');
    if (hash !== undefined && node.labels[this.#mark] === hash) {
      return { state: 'through', hash };
    }
    return {
      state: 'underWay',
      words: this.#isApplying(plan, node)
        ? 'The controller works on the device.'
        : 'The Plan waits for its controller.',
    };
  }

  /** First the Plan, then its mark: a Plan that finds no mark begins anew. */
  async takeAway(): Promise<void> {
    const { context } = this;
    await context.cluster.remove(this.#path);
    const isGone = (await this.read()) === undefined;
    const node = isGone ? await readNode(context) : undefined;
    if (node) await this.unmark(node);
  }

  async unmark(node: ReadNode): Promise<void> {
    if (node.labels[this.#mark] === undefined) return;
    // Whatever else changes at the Node meanwhile, this label is of nobody else.
    await this.context.cluster.patch(nodePath(this.context.node), {
      metadata: { labels: { [this.#mark]: null } },
    });
  }

  /** Nodes stand there by their hostnames, and by their names up to 0.7.4 of the controller. */
  #isApplying(plan: unknown, node: ReadNode): boolean {
    const applying = listIn(recordIn(plan, 'status'), 'applying');
    return [this.context.node, textIn(node.labels, hostnameLabel)].some(
      name => name !== undefined && applying.includes(name),
    );
  }

  /** Exactly one node, once; a device that is cordoned already is not opened in the end. */
  #manifest(node: ReadNode, { version, upgrade }: PlanWork): object {
    const { namespace, serviceAccount, timeoutSeconds } = this.settings;
    return {
      apiVersion: needed.api,
      kind: 'Plan',
      metadata: { ...attemptMetadata(this.context), namespace },
      spec: {
        concurrency: 1,
        nodeSelector: {
          matchExpressions: [
            {
              key: hostnameLabel,
              operator: 'In',
              values: [textIn(node.labels, hostnameLabel)],
            },
          ],
        },
        version,
        upgrade,
        serviceAccountName: serviceAccount,
        tolerations: [{ operator: 'Exists' }],
        jobActiveDeadlineSecs: timeoutSeconds,
        ...(!node.unschedulable && { cordon: true }),
      },
    };
  }
}

/** Why the Plan will come to nothing, in the controller's own words. */
function failureOf(plan: unknown): string | undefined {
  const conditions = listIn(recordIn(plan, 'status'), 'conditions');
  const denied = (type: string) =>
    conditions.find(
      each =>
        textIn(each, 'type') === type && textIn(each, 'status') === 'False',
    );
  const invalid = denied('Validated') ?? denied('LatestResolved');
  if (invalid) {
    return `The controller does not take the Plan: ${wordsOf(invalid)}`;
  }
  const incomplete = denied('Complete');
  return textIn(incomplete, 'reason') === 'JobFailed'
    ? `The upgrade failed on the device: ${wordsOf(incomplete)}`
    : undefined;
}

function wordsOf(condition: unknown): string {
  const words =
    textIn(condition, 'message') || textIn(condition, 'reason') || 'no reason';
  return `${words.slice(0, 400).replace(/\.$/, '')}.`;
}
