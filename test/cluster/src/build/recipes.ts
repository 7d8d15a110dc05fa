// SPDX-License-Identifier: Apache-2.0

/**
 * What the test cluster is made of, and in which versions.
 *
 * The versions belong together: etcd must be at least 3.5.13 for streaming
 * lists; source-controller 1.3.0 is the newest whose module tree is complete,
 * and kustomize-controller 1.9.5 asks for kinds that only the definitions of
 * source-controller 1.9 contain, so the definitions of both are installed.
 */

/** Name of an executable this package can build. */
export type ProgramName =
  | 'etcd'
  | 'kwok'
  | 'kube-apiserver'
  | 'kube-controller-manager'
  | 'kube-scheduler'
  | 'kustomize-controller'
  | 'source-controller'
  | 'kubectl';

/** One executable, built from the pinned module in `modules/<module>`. */
export interface Program {
  readonly name: ProgramName;
  readonly version: string;
  /** Folder below `modules/` that holds the pinned go.mod and go.sum. */
  readonly module: string;
  /** Import path of the Go main package. */
  readonly package: string;
  /** Values of string variables that the linker sets, by their full name. */
  readonly variables?: Readonly<Record<string, string>>;
  /** Optional programs are built only when asked for by name. */
  readonly optional?: true;
}

/** Files copied out of one Go module. */
export interface ModuleFiles {
  /** Module path and version as `go mod download` takes them. */
  readonly module: string;
  /** The module's checksum, as in go.sum. */
  readonly sum: string;
  /** Folders (every YAML file in them) or single files inside the module. */
  readonly paths: readonly string[];
}

/** A folder of YAML files that the harness reads when a cluster starts. */
export interface DataSet {
  readonly name: string;
  readonly version: string;
  readonly sources: readonly ModuleFiles[];
}

const KUBERNETES = '1.36.3';

function kubernetesProgram(name: ProgramName): Program {
  const [major, minor] = KUBERNETES.split('.');
  return {
    name,
    version: KUBERNETES,
    module: 'kubernetes',
    package: `k8s.io/kubernetes/cmd/${name}`,
    // What `/version` and `kubectl version` tell; a release build sets it too.
    variables: {
      'k8s.io/component-base/version.gitVersion': `v${KUBERNETES}`,
      'k8s.io/component-base/version.gitMajor': major,
      'k8s.io/component-base/version.gitMinor': minor,
      'k8s.io/component-base/version.gitTreeState': 'archive',
    },
  };
}

/** Every executable, cheapest first, so that problems show early. */
export const programs: readonly Program[] = [
  {
    name: 'etcd',
    version: '3.6.6',
    module: 'etcd',
    package: 'go.etcd.io/etcd/server/v3',
  },
  {
    name: 'kwok',
    version: '0.8.0',
    module: 'kwok',
    package: 'sigs.k8s.io/kwok/cmd/kwok',
  },
  kubernetesProgram('kube-apiserver'),
  kubernetesProgram('kube-controller-manager'),
  kubernetesProgram('kube-scheduler'),
  {
    name: 'kustomize-controller',
    version: '1.9.5',
    module: 'kustomize-controller',
    package: 'github.com/fluxcd/kustomize-controller',
  },
  {
    name: 'source-controller',
    version: '1.3.0',
    module: 'source-controller',
    package: 'github.com/fluxcd/source-controller',
  },
  { ...kubernetesProgram('kubectl'), optional: true },
];

/** How kwok plays a kubelet: nodes come up, pods become ready and go away. */
export const kwokStages: DataSet = {
  name: 'kwok-stages',
  version: '0.8.0',
  sources: [
    {
      module: 'sigs.k8s.io/kwok@v0.8.0',
      sum: 'h1:OTIOTwgROqPMovcTwxICx2eYQ4AwLpSx5EpjbDKF4SQ=',
      paths: [
        'kustomize/stage/node/fast/node-initialize.yaml',
        'kustomize/stage/node/heartbeat-with-lease/node-heartbeat-with-lease.yaml',
        'kustomize/stage/pod/fast/pod-ready.yaml',
        'kustomize/stage/pod/fast/pod-complete.yaml',
        'kustomize/stage/pod/fast/pod-delete.yaml',
      ],
    },
  ],
};

/**
 * Custom resource definitions of Flux. Where two define the same version the
 * first counts: it must be that of the controller which runs, because it relies
 * on the defaults that its own definitions set.
 */
export const fluxDefinitions: DataSet = {
  name: 'flux-definitions',
  version: '1.3.0+1.9.6',
  sources: [
    {
      module: 'github.com/fluxcd/source-controller@v1.3.0',
      sum: 'h1:4rwvl3e2LJqeJIK7lrVl/DhGwaFtqDiS+EEJ9l2zxNw=',
      paths: ['config/crd/bases'],
    },
    {
      module: 'github.com/fluxcd/source-controller@v1.9.6',
      sum: 'h1:nG534/bI6nVpyHra7ONAk6xDB3xPsVT+EOLHZHXPrrc=',
      paths: ['config/crd/bases'],
    },
    {
      module: 'github.com/fluxcd/kustomize-controller@v1.9.5',
      sum: 'h1:/XY2zy3K7fntyppEXIHG7oRMzmfgIt50eJzUfaPX1Kc=',
      paths: ['config/crd/bases'],
    },
  ],
};

/** Everything a cluster needs besides executables. */
export const dataSets: readonly DataSet[] = [kwokStages, fluxDefinitions];
