// SPDX-License-Identifier: Apache-2.0

/**
 * A real Kubernetes control plane with fake nodes and Flux, for tests.
 *
 * @packageDocumentation
 */
export type { Cluster, ClusterOptions } from './cluster/Cluster';
export { fakeNode } from './cluster/fakeNode';
export type { FakeNode } from './cluster/fakeNode';
export { startCluster } from './cluster/startCluster';
export { until, TimedOutError } from './cluster/until';
export type { UntilOptions } from './cluster/until';
export { ensureBuilt, missingParts } from './build/ensureBuilt';
export type { BuildOptions } from './build/ensureBuilt';
export { defaultCacheFolder, programPath } from './build/cacheFolder';
export { GoCommandError, GoMissingError, NotBuiltError } from './build/errors';
export type { ProgramName } from './build/recipes';
export { startGitea } from './gitea/startGitea';
export type { Gitea, GiteaOptions } from './gitea/startGitea';
export { startPrometheus } from './prometheus/startPrometheus';
export type {
  Prometheus,
  PrometheusOptions,
} from './prometheus/startPrometheus';
export { startGitServer } from './git/gitServer';
export type { GitServer, GitServerOptions } from './git/gitServer';
export { cloneRepository } from './git/workingCopy';
export type { WorkingCopy } from './git/workingCopy';
