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
  | 'flagger'
  | 'argo-rollouts'
  | 'prometheus'
  | 'gitea'
  | 'actionlint'
  | 'kubectl';

/** One executable. */
export interface Program {
  readonly name: ProgramName;
  readonly version: string;
  /** Import path of the Go main package. */
  readonly package: string;
  /** Folders of a module that the program reads when it runs; they are kept beside it. */
  readonly files?: {
    readonly module: string;
    readonly folders: readonly string[];
  };
  /** Optional programs are built only when asked for by name. */
  readonly optional?: true;
}

/**
 * A pinned tree of Go modules, and the programs that one command builds from it.
 *
 * Compiling takes nearly all of the time, and a package is compiled once for
 * each version of it and of what it imports. Programs of which most is the
 * same therefore share a tree, although each would stand alone.
 */
export interface Tree {
  /** Folder below `modules/` that holds the pinned go.mod and go.sum. */
  readonly folder: string;
  readonly programs: readonly Program[];
  /** Values of string variables that the linker sets, by their full name. */
  readonly variables?: Readonly<Record<string, string>>;
  /** Build tags. */
  readonly tags?: readonly string[];
  /** It contains C, so that building it needs a C compiler. */
  readonly cgo?: true;
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
  return {
    name,
    version: KUBERNETES,
    package: `k8s.io/kubernetes/cmd/${name}`,
  };
}

/** What `/version` and `kubectl version` tell; a release build sets it too. */
function kubernetesVersion(): Readonly<Record<string, string>> {
  const [major, minor] = KUBERNETES.split('.');
  return {
    'k8s.io/component-base/version.gitVersion': `v${KUBERNETES}`,
    'k8s.io/component-base/version.gitMajor': major,
    'k8s.io/component-base/version.gitMinor': minor,
    'k8s.io/component-base/version.gitTreeState': 'archive',
  };
}

/** Every executable, cheapest first, so that problems show early. */
export const trees: readonly Tree[] = [
  {
    folder: 'actionlint',
    programs: [
      {
        name: 'actionlint',
        version: '1.7.12',
        package: 'github.com/rhysd/actionlint/cmd/actionlint',
      },
    ],
  },
  {
    folder: 'etcd',
    programs: [
      {
        name: 'etcd',
        version: '3.6.6',
        package: 'go.etcd.io/etcd/server/v3',
      },
    ],
  },
  {
    folder: 'prometheus',
    programs: [
      {
        name: 'prometheus',
        version: '0.315.0',
        package: 'github.com/prometheus/prometheus/cmd/prometheus',
      },
    ],
    // It is told what to scrape. What else finds targets, in clouds for example, is most of it.
    tags: ['remove_all_sd'],
  },
  {
    folder: 'gitea',
    programs: [
      {
        name: 'gitea',
        version: '1.26.0',
        package: 'code.gitea.io/gitea',
        files: {
          module: 'code.gitea.io/gitea',
          folders: ['options', 'public', 'templates'],
        },
      },
    ],
    variables: { 'main.Version': '1.26.0' },
    tags: ['sqlite', 'sqlite_unlock_notify'],
    cgo: true,
  },
  {
    // Both are of the time of Kubernetes 1.30.
    folder: 'kubernetes-1.30',
    programs: [
      {
        name: 'source-controller',
        version: '1.3.0',
        package: 'github.com/fluxcd/source-controller',
      },
      {
        // 1.9 and newer need a newer Go than the rest does.
        name: 'argo-rollouts',
        version: '1.8.5',
        package: 'github.com/argoproj/argo-rollouts/cmd/rollouts-controller',
      },
    ],
  },
  {
    folder: 'kubernetes-1.36',
    programs: [
      kubernetesProgram('kube-apiserver'),
      kubernetesProgram('kube-controller-manager'),
      kubernetesProgram('kube-scheduler'),
      { ...kubernetesProgram('kubectl'), optional: true },
      {
        name: 'kwok',
        version: '0.8.0',
        package: 'sigs.k8s.io/kwok/cmd/kwok',
      },
      {
        name: 'kustomize-controller',
        version: '1.9.5',
        package: 'github.com/fluxcd/kustomize-controller',
      },
      {
        name: 'flagger',
        version: '1.44.0',
        package: 'github.com/fluxcd/flagger/cmd/flagger',
      },
    ],
    variables: kubernetesVersion(),
  },
];

export const programs: readonly Program[] = trees.flatMap(
  tree => tree.programs,
);

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

/** Custom resource definitions of Flagger, and of the routes it writes. */
export const flaggerDefinitions: DataSet = {
  name: 'flagger-definitions',
  version: '1.44.0+1.4.0',
  sources: [
    {
      module: 'github.com/fluxcd/flagger@v1.44.0',
      sum: 'h1:JAb2mE3AAO5Y/JkfHy6xbFDPDPk9lGvqXwmtztNbdhw=',
      paths: ['artifacts/flagger/crd.yaml'],
    },
    {
      module: 'sigs.k8s.io/gateway-api@v1.4.0',
      sum: 'h1:ZwlNM6zOHq0h3WUX2gfByPs2yAEsy/EenYJB78jpQfQ=',
      paths: ['config/crd/standard/gateway.networking.k8s.io_httproutes.yaml'],
    },
  ],
};

/** Custom resource definitions of Argo Rollouts. */
export const argoRolloutsDefinitions: DataSet = {
  name: 'argo-rollouts-definitions',
  version: '1.8.5',
  sources: [
    {
      module: 'github.com/argoproj/argo-rollouts@v1.8.5',
      sum: 'h1:x+WjkwgjV89sc/QJ0c0cBrz5HAcriWCoQn6ptOxoElU=',
      paths: [
        'manifests/crds/analysis-run-crd.yaml',
        'manifests/crds/analysis-template-crd.yaml',
        'manifests/crds/cluster-analysis-template-crd.yaml',
        'manifests/crds/experiment-crd.yaml',
        'manifests/crds/rollout-crd.yaml',
      ],
    },
  ],
};

/** Custom resource definitions of KubeEdge: devices with their twins, groups of nodes and what runs there, and jobs such as upgrades. */
export const kubeEdgeDefinitions: DataSet = {
  name: 'kubeedge-definitions',
  version: '1.23.1+apps',
  sources: [
    {
      module: 'github.com/kubeedge/kubeedge@v1.23.1',
      sum: 'h1:KPQk8EUHn2kEmpZHGoy9taGj12CrjOYnjnlk3ndAME8=',
      paths: ['build/crds/devices', 'build/crds/apps', 'build/crds/operations'],
    },
  ],
};

/** The custom resource definition of system-upgrade-controller: Plans. */
export const planDefinitions: DataSet = {
  name: 'plan-definitions',
  version: '0.20.1',
  sources: [
    {
      module: 'github.com/rancher/system-upgrade-controller@v0.20.1',
      sum: 'h1:1qMIxc7CDdlZlXl/8Awpr+otShl1ltND3JKdSEA8zyw=',
      paths: ['pkg/crds/yaml/generated'],
    },
  ],
};

/** Everything a cluster needs besides executables. */
export const dataSets: readonly DataSet[] = [
  kwokStages,
  fluxDefinitions,
  flaggerDefinitions,
  argoRolloutsDefinitions,
  kubeEdgeDefinitions,
  planDefinitions,
];
