// SPDX-License-Identifier: Apache-2.0
import type { FakeNode } from './fakeNode';

/** What to start; everything has a default. */
export interface ClusterOptions {
  /** Name of the cluster in its kubeconfig; `test` when left out. */
  readonly name?: string;
  /** Fake nodes: how many (`node-0`, `node-1`, …) or which. None when left out: then pods stay Pending. */
  readonly nodes?: number | readonly FakeNode[];
  /** Whether Flux (source- and kustomize-controller) runs. No when left out. */
  readonly flux?: boolean;
  /**
   * Whether Flagger's kinds and those of its routes are there, and Flagger with
   * them. Neither when left out.
   */
  readonly flagger?: FlaggerOptions;
  /** Whether Argo Rollouts' kinds are there and its controller runs. No when left out. */
  readonly argoRollouts?: boolean;
  /** Whether KubeEdge's kinds for devices, node groups and jobs are there; none of its programs is. No when left out. */
  readonly kubeEdge?: boolean;
  /** Whether the Plans of system-upgrade-controller are there; the controller is not. No when left out. */
  readonly plans?: boolean;
  /** Seconds until a silent node is unreachable, at least 5; Kubernetes' own 50 when left out. */
  readonly nodeMonitorGracePeriod?: number;
  /** Arguments put behind those of a server, for the rare test that needs them. */
  readonly extraArguments?: Readonly<Record<string, readonly string[]>>;
  /** Where the programs are; `~/.cache/causeway/bin` when left out. */
  readonly cacheFolder?: string;
}

/** How Flagger is set up. */
export interface FlaggerOptions {
  /** Address of the Prometheus that Flagger asks. */
  readonly metricsServer: string;
  /** Whether the controller runs, or only its kinds are there. */
  readonly controller: boolean;
}

/** A running control plane. Everything about it is gone after `stop`. */
export interface Cluster {
  readonly name: string;
  /** Address of the API server: `https://127.0.0.1:PORT`. */
  readonly url: string;
  /** Bearer token of a cluster administrator. */
  readonly token: string;
  /** PEM file with the certificate authority of `url`. */
  readonly caFile: string;
  /** The same PEM in base64, as kubeconfig files and Backstage's `caData` take it. */
  readonly caData: string;
  /** Kubeconfig of a cluster administrator, without references to other files. */
  readonly kubeconfigFile: string;
  /** Running servers in the order of their start. */
  readonly processes: readonly {
    readonly name: string;
    readonly pid: number;
  }[];
  /** Last lines that each server printed, each block under the server's name. */
  logs(lines?: number): Promise<string>;
  /**
   * Forgets history up to now, as API servers do by themselves every five
   * minutes. Some seconds later older list continuations get 410 Gone.
   */
  compact(): Promise<void>;
  /** Stops all servers and removes all files. May be called more than once. */
  stop(): Promise<void>;
}
