// SPDX-License-Identifier: Apache-2.0
import { isWanted } from './nodeAffinity';
import { availableIn } from './planReplicaSet';
import { untolerated, withDaemonTolerations } from './tolerations';
import {
  DaemonSet,
  DaemonSetStatus,
  Node,
  Pod,
  PodSpec,
  readyCondition,
} from './workloads';

/** The label that says of which revision a daemon set's pod is. */
export const revisionHashLabel = 'controller-revision-hash';

/** Pods are created and deleted in bursts of at most so many. */
const longestBurst = 250;

/** What to do about a daemon set now. */
export interface DaemonSetPlan {
  /** Nodes that need a pod. */
  readonly create: readonly string[];
  readonly remove: readonly Pod[];
  readonly status: DaemonSetStatus;
  /** Milliseconds until a ready pod becomes available. */
  readonly recheckAfter?: number;
}

/** What a daemon set is planned from. */
export interface DaemonSetFacts {
  readonly daemonSet: DaemonSet;
  readonly nodes: readonly Node[];
  /** The pods it owns. */
  readonly owned: readonly Pod[];
  /** The hash of its present revision. */
  readonly hash: string;
  /** Milliseconds since the epoch. */
  readonly now: number;
}

/** Whether a node should get a daemon's pod, and whether one that is there may stay. */
export function daemonFits(
  pod: PodSpec,
  node: Node,
): { readonly shouldRun: boolean; readonly mayStay: boolean } {
  const isElsewhere = pod.nodeName && pod.nodeName !== node.metadata.name;
  if (isElsewhere || !isWanted(pod, node))
    return { shouldRun: false, mayStay: false };
  const { tolerations } = pod;
  const taints = node.spec?.taints;
  return {
    shouldRun: !untolerated(tolerations, taints),
    mayStay: !untolerated(tolerations, taints, ['NoExecute']),
  };
}

/** The node a pod of a daemon set is for, whether it is there yet or not. */
export function targetNode({ spec }: Pod): string | undefined {
  const required =
    spec.affinity?.nodeAffinity?.requiredDuringSchedulingIgnoredDuringExecution;
  return (
    spec.nodeName ??
    required?.nodeSelectorTerms
      .flatMap(({ matchFields = [] }) => matchFields)
      .find(({ key }) => key === 'metadata.name')?.values?.[0]
  );
}

const isLeaving = ({ metadata }: Pod) =>
  metadata.deletionTimestamp !== undefined;
const hasFailed = ({ status }: Pod) =>
  status?.phase === 'Failed' || status?.phase === 'Succeeded';

function byAge(a: Pod, b: Pod): number {
  return (
    Number(!a.spec.nodeName) - Number(!b.spec.nodeName) ||
    a.metadata.creationTimestamp.localeCompare(b.metadata.creationTimestamp)
  );
}

/** How many pods may be missing during an update: a share of the wanted ones rounds up. */
export function maxUnavailable({ spec }: DaemonSet, desired: number): number {
  const value = spec.updateStrategy?.rollingUpdate?.maxUnavailable ?? 1;
  const count =
    typeof value === 'number'
      ? value
      : Math.ceil((Number(value.replace('%', '')) * desired) / 100);
  return Math.max(1, count);
}

/** A node with the pods that are there for a daemon set, the oldest first. */
interface Place {
  readonly shouldRun: boolean;
  readonly mayStay: boolean;
  readonly name: string;
  readonly pods: readonly Pod[];
}

function placesOf({ daemonSet, nodes, owned }: DaemonSetFacts) {
  const byNode = new Map<string, Pod[]>();
  for (const pod of [...owned].sort(byAge)) {
    // A pod that has ended and is being deleted is as good as gone.
    if (isLeaving(pod) && hasFailed(pod)) continue;
    const node = targetNode(pod) ?? '';
    const pods = byNode.get(node) ?? [];
    pods.push(pod);
    byNode.set(node, pods);
  }
  const daemon = withDaemonTolerations(daemonSet.spec.template.spec);
  const places = nodes.map((node): Place => {
    const { name } = node.metadata;
    const pods = byNode.get(name) ?? [];
    byNode.delete(name);
    return { ...daemonFits(daemon, node), name, pods };
  });
  const withoutNode = [...byNode.values()]
    .flat()
    .filter(pod => !pod.spec.nodeName && !isLeaving(pod));
  return { places, withoutNode };
}

function surplus({ mayStay, pods }: Place): readonly Pod[] {
  const present = pods.filter(pod => !isLeaving(pod));
  if (!mayStay) return present;
  const ended = present.filter(hasFailed);
  return [...ended, ...present.filter(pod => !hasFailed(pod)).slice(1)];
}

/** The old pods that may go now so that new ones take their places. */
function replaced(
  facts: DaemonSetFacts,
  places: readonly Place[],
): readonly Pod[] {
  const { daemonSet, hash, now } = facts;
  if (daemonSet.spec.updateStrategy?.type === 'OnDelete') return [];
  const desired = places.filter(({ shouldRun }) => shouldRun).length;
  const isAvailable = (pod: Pod) =>
    availableIn(pod, daemonSet.spec.minReadySeconds ?? 0, now) === 0;
  const isNew = ({ metadata }: Pod) =>
    metadata.labels?.[revisionHashLabel] === hash;
  const present = places
    .filter(({ shouldRun, pods }) => shouldRun || pods.length > 0)
    .map(({ pods }) => pods.filter(pod => !isLeaving(pod)));
  // A node without a pod, or with several, is unavailable until it has one again.
  const single = present.flatMap(pods => (pods.length === 1 ? pods : []));
  const old = single.filter(pod => !isNew(pod));
  const broken = old.filter(pod => !isAvailable(pod));
  const unavailable =
    present.length -
    single.length +
    single.filter(pod => !isAvailable(pod)).length;
  const room = Math.max(0, maxUnavailable(daemonSet, desired) - unavailable);
  return [...broken, ...old.filter(isAvailable).slice(0, room)];
}

function statusOf(
  { daemonSet, hash, now }: DaemonSetFacts,
  places: readonly Place[],
): { readonly status: DaemonSetStatus; readonly waits: readonly number[] } {
  const wanted = places.filter(({ shouldRun }) => shouldRun);
  const oldest = wanted.flatMap(({ pods }) => pods.slice(0, 1));
  const waits = oldest.flatMap(
    pod => availableIn(pod, daemonSet.spec.minReadySeconds ?? 0, now) ?? [],
  );
  const available = waits.filter(wait => wait === 0).length;
  const count = (name: string, value: number) =>
    value > 0 ? { [name]: value } : {};
  return {
    waits: waits.filter(wait => wait > 0),
    status: {
      currentNumberScheduled: oldest.length,
      numberMisscheduled: places.filter(
        ({ shouldRun, pods }) => !shouldRun && pods.length > 0,
      ).length,
      desiredNumberScheduled: wanted.length,
      numberReady: oldest.filter(pod => readyCondition(pod)?.status === 'True')
        .length,
      observedGeneration: daemonSet.metadata.generation ?? 0,
      ...count(
        'updatedNumberScheduled',
        oldest.filter(
          ({ metadata }) => metadata.labels?.[revisionHashLabel] === hash,
        ).length,
      ),
      ...count('numberAvailable', available),
      ...count('numberUnavailable', wanted.length - available),
    },
  };
}

/** The next changes for a daemon set and the status to show. */
export function planDaemonSet(facts: DaemonSetFacts): DaemonSetPlan {
  const { places, withoutNode } = placesOf(facts);
  const { status, waits } = statusOf(facts, places);
  const create = places
    .filter(({ shouldRun, pods }) => shouldRun && pods.length === 0)
    .map(({ name }) => name);
  const excess = [...places.flatMap(surplus), ...withoutNode];
  const remove = [
    ...excess,
    // Missing pods come first, so that an update never hides behind them.
    ...replaced(facts, places).filter(pod => !excess.includes(pod)),
  ];
  const leaving = facts.daemonSet.metadata.deletionTimestamp !== undefined;
  return {
    create: leaving ? [] : create.slice(0, longestBurst),
    remove: leaving ? [] : remove.slice(0, longestBurst),
    status,
    ...(waits.length > 0 ? { recheckAfter: Math.min(...waits) } : {}),
  };
}
