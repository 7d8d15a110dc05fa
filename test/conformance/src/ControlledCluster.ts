// SPDX-License-Identifier: Apache-2.0
import type { ClusterUnderTest } from './ClusterUnderTest';

/** A cluster with controllers and three nodes, which others play than kubelets. */
export interface ControlledCluster extends ClusterUnderTest {
  /** The label that hands a node over to whoever plays it; a node without it is silent. */
  readonly machineLabel: { readonly key: string; readonly value: string };
}
