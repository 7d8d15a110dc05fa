// SPDX-License-Identifier: Apache-2.0
import { Machines } from '../nodes/Machines';
import { conditionOf, matchesLabels } from '../runtime/resources';
import { Node } from '../workloads/workloads';
import { EdgeConsole } from './EdgeConsole';
import { isEdgeNode, kubeEdgeVersionOf, kubeletVersionOf } from './edgeNodes';
import { EdgeJobScope, ImagePrePullJob, NodeUpgradeJob } from './jobObjects';
import { EdgeJobNode, EdgeStep, StepOutcome } from './planEdgeJob';

/** What jobs meet at the edge. */
export interface EdgeSurroundings {
  readonly machines: Machines;
  readonly console: EdgeConsole;
}

/** A node that a job names or finds; one that it names may be missing. */
export interface Selected {
  readonly name: string;
  readonly node: Node | undefined;
}

/** How long the steps take, in milliseconds. */
const checkDuration = 1_000;
const backUpDuration = 2_000;
const upgradeDuration = 20_000;

const done: StepOutcome = { kind: 'done' };

/** The nodes that a job is for: those it names, or those with its labels. */
export function selectNodes(
  { nodeNames = [], labelSelector }: EdgeJobScope,
  nodes: readonly Node[],
): readonly Selected[] {
  const byName = new Map(nodes.map(node => [node.metadata.name, node]));
  const names =
    nodeNames.length > 0
      ? nodeNames
      : nodes
          .filter(
            node =>
              labelSelector?.matchLabels &&
              matchesLabels(labelSelector.matchLabels, node.metadata.labels),
          )
          .map(node => node.metadata.name)
          .sort();
  return names.map(name => ({ name, node: byName.get(name) }));
}

function obstacleOf({ name, node }: Selected): string | undefined {
  if (!node) return `failed to get node, err: Node "${name}" not found`;
  if (!isEdgeNode(node)) return 'the node is not an edge node';
  const ready = conditionOf(node.status?.conditions, 'Ready')?.status;
  return ready === 'True' ? undefined : 'the node is not ready';
}

function check(
  name: string,
  { checkItems = [] }: EdgeJobScope,
  { machines }: EdgeSurroundings,
): EdgeStep {
  return {
    action: 'Check',
    duration: checkDuration,
    outcome() {
      const { disk, memory } = machines.pressure(name);
      if (disk && checkItems.includes('disk'))
        return { kind: 'failed', reason: 'the disk has not enough room' };
      if (memory && checkItems.includes('mem'))
        return { kind: 'failed', reason: 'the memory is used up' };
      return done;
    },
  };
}

function failsByName(reference: string): boolean {
  return /-bad$/.test(reference.split('@')[0]);
}

/** What an upgrade does on a node. A version that ends in `-bad` is rolled back. */
export function upgradeOf(
  { spec, metadata }: NodeUpgradeJob,
  selected: Selected,
  surroundings: EdgeSurroundings,
): EdgeJobNode {
  const { name, node } = selected;
  const { version } = spec;
  const before = kubeEdgeVersionOf(kubeletVersionOf(node)) ?? '';
  const confirmation: EdgeStep = {
    action: 'WaitingConfirmation',
    duration: 0,
    outcome: () =>
      surroundings.console.hasConfirmed(metadata.uid, name)
        ? done
        : { kind: 'waiting' },
  };
  const upgrade: EdgeStep = {
    action: 'Upgrade',
    duration: upgradeDuration,
    outcome: () =>
      failsByName(version)
        ? { kind: 'failed', reason: `edgecore ${version} does not start` }
        : done,
  };
  return {
    name,
    obstacle: obstacleOf(selected),
    isConnected: surroundings.machines.isConnected(name),
    steps: [
      check(name, spec, surroundings),
      ...(spec.requireConfirmation ? [confirmation] : []),
      { action: 'BackUp', duration: backUpDuration, outcome: () => done },
      upgrade,
    ],
    afterFailure: 'RollBack',
    factsOfSuccess: { currentVersion: version, historicVersion: before },
    factsOfFailure: { currentVersion: before, historicVersion: before },
  };
}

/** What a pre-pull does on a node. An image whose tag ends in `-missing` is not there. */
export function prePullOf(
  { spec: { imagePrePullTemplate: template } }: ImagePrePullJob,
  selected: Selected,
  surroundings: EdgeSurroundings,
): EdgeJobNode {
  const { name } = selected;
  const { images, retryTimes = 0 } = template;
  const missing = images.filter(image => /:[^/:@]*-missing(@|$)/.test(image));
  const attempts = missing.length > 0 ? 1 + retryTimes : 1;
  const pulling = images.reduce(
    (sum, image) => sum + surroundings.machines.pullDuration(name, image),
    0,
  );
  const told = images.map(image =>
    missing.includes(image)
      ? ({ image, status: 'False', reason: 'not found' } as const)
      : ({ image, status: 'True' } as const),
  );
  return {
    name,
    obstacle: obstacleOf(selected),
    isConnected: surroundings.machines.isConnected(name),
    steps: [
      check(name, template, surroundings),
      {
        action: 'Pull',
        duration: pulling * attempts,
        outcome: () =>
          missing.length > 0
            ? { kind: 'failed', reason: `cannot pull ${missing.join(', ')}` }
            : done,
      },
    ],
    factsOfSuccess: { imageStatus: told },
    factsOfFailure: { imageStatus: told },
  };
}
