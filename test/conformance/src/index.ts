// SPDX-License-Identifier: Apache-2.0

/**
 * One suite for the Kubernetes API, for the simulated and the real server.
 *
 * @packageDocumentation
 */
export { conformance } from './conformance';
export type { ClusterUnderTest } from './ClusterUnderTest';
