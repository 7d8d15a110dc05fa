#!/usr/bin/env node
// SPDX-License-Identifier: Apache-2.0
require('@backstage/cli-node/config/nodeTransform.cjs');
require('../src/commands/build').run(process.argv.slice(2));
