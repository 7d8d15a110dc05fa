// SPDX-License-Identifier: Apache-2.0
export { homePlugin } from './plugin';
