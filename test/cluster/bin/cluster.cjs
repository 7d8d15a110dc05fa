#!/usr/bin/env node
// SPDX-License-Identifier: Apache-2.0
require('@backstage/cli-node/config/nodeTransform.cjs');
require('../src/commands/cluster').run(process.argv.slice(2));
