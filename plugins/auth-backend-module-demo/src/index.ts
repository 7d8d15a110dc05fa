// SPDX-License-Identifier: Apache-2.0

/**
 * Sign-in as one of several demo users, for a portal on one's own machine.
 *
 * @packageDocumentation
 */
export { authModuleDemo as default } from './module';
