// SPDX-License-Identifier: Apache-2.0

/** What is wrong with a machine as its kubelet reports it. */
export interface NodePressure {
  readonly memory: boolean;
  readonly disk: boolean;
  readonly processes: boolean;
}

/** A pod by what it belongs to. */
export interface PodOfWorkload {
  readonly namespace: string;
  /** Name of the Deployment, DaemonSet or other owner; the pod's own without one. */
  readonly workload: string;
}

/** How a program ended. */
export interface ProgramEnd {
  readonly exitCode: number;
  /** What it said at its end. */
  readonly message?: string;
}

/**
 * The machines under the nodes of a cluster, as far as the agents that run on
 * them can tell. The simulated world plays them; without a world every
 * machine is healthy and near.
 */
export interface Machines {
  /** Whether the machine has power and has booted: without it nothing on it runs. */
  isRunning(node: string): boolean;
  /** Whether the machine runs and its network reaches the API server: without it the cluster hears nothing of it. */
  isConnected(node: string): boolean;
  /** When the machine booted last; pods of an earlier boot have to start again. */
  bootedAt(node: string): Date;
  /**
   * When the main processes of a pod's containers on the machine were killed last, in milliseconds since
   * the epoch; undefined when they never were.
   */
  killedAt(node: string, pod: PodOfWorkload): number | undefined;
  pressure(node: string): NodePressure;
  /** How far the clock of the machine is ahead of the true time, in milliseconds; negative when behind. */
  clockSkew(node: string): number;
  /** How many GPUs the device plugin finds. */
  graphicsProcessors(node: string): number;
  /** How long pulling an image that the machine has not got takes now, in milliseconds. */
  pullDuration(node: string, image: string): number;
  /** Whether the registry of an image answers the machine; always when left out. */
  canPull?(node: string, image: string): boolean;
  /** How a program that ends by itself does so on the machine; well when left out. */
  endOf?(node: string, images: readonly string[]): ProgramEnd | undefined;
  /** A pod has run on the machine to its end, which may be what makes it do something; nothing when left out. */
  ran?(node: string, images: readonly string[]): void;
  /**
   * Calls `listener` with the node whenever an answer above may have changed.
   *
   * @returns ends the calls.
   */
  onChange(listener: (node: string) => void): () => void;
}
