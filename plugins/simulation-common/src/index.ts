// SPDX-License-Identifier: Apache-2.0

/**
 * What portal and simulator say to each other about the simulated world, and who may.
 *
 * @packageDocumentation
 */
export * from './permissions';
export * from './parameters';
export * from './world';
