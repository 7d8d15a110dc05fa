// SPDX-License-Identifier: Apache-2.0

/** Go is not on PATH, so the control plane cannot be built here. */
export class GoMissingError extends Error {
  override readonly name = 'GoMissingError';
  constructor() {
    super(
      'The Kubernetes control plane for tests is built from Go modules, and there is no "go" on PATH: ' +
        'install Go 1.26 or newer from https://go.dev/dl/ (or with your package manager) and run this again.',
    );
  }
}

/** A Go command failed; the message ends with what it printed last. */
export class GoCommandError extends Error {
  override readonly name = 'GoCommandError';
  constructor(args: readonly string[], outcome: string, output: string) {
    super(`"go ${args.join(' ')}" ${outcome}:\n${output.trim()}`);
  }
}

/** The cluster was asked to start before its programs were built. */
export class NotBuiltError extends Error {
  override readonly name = 'NotBuiltError';
  constructor(missing: readonly string[]) {
    super(
      `Not built yet: ${missing.join(', ')}. ` +
        'Run "yarn workspace @causeway/test-cluster build:cluster" once; it needs Go 1.26 or newer.',
    );
  }
}
