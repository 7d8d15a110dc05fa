// SPDX-License-Identifier: Apache-2.0
import { Node } from './workloads';

/** Nodes with this label are played by the simulator; taking it off takes the node away. */
export const simulatedNodeLabel = 'simulator.causeway.dev/node';

/** Whether the simulator plays a node. */
export function isSimulated(node: Node | undefined): node is Node {
  return node?.metadata.labels?.[simulatedNodeLabel] !== undefined;
}
