// SPDX-License-Identifier: Apache-2.0

/** Tells the time; injected, so that tests own it. */
export type Clock = () => Date;
