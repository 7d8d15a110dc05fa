// SPDX-License-Identifier: Apache-2.0
import { base } from './fluxManifests';
import { FileChanges, FluxKind, FluxSteps } from './FluxStage';

/** A recorded scenario: the objects that are compared, and what was done. */
export interface FluxScenario {
  /** Of the recording `flux-NAME.jsonl`. */
  readonly name: string;
  readonly objects: readonly (readonly [kind: FluxKind, name: string])[];
  /** Kinds that try again by themselves, whose states count once each: how often depends on when the fault ends. */
  readonly repeats?: readonly FluxKind[];
  /** Whether the recording ends while the controllers are at work: what follows is not compared. */
  readonly endsEarly?: true;
  run(steps: FluxSteps): Promise<void>;
}

/** A repository and a Kustomization of one name. */
export function both(name: string): FluxScenario['objects'] {
  return [
    ['GitRepository', name],
    ['Kustomization', name],
  ];
}

/** Follows and applies a first commit, and waits for it. */
export async function boot(
  steps: FluxSteps,
  name: string,
  spec: object = {},
  files: FileChanges = base(name, 'v1'),
): Promise<void> {
  const revision = await steps.push(name, files, 'v1');
  await steps.follow(name);
  await steps.kustomize(name, spec);
  await steps.applied(name, revision);
}

/** Makes a commit and waits until it is applied. */
export async function fix(
  steps: FluxSteps,
  name: string,
  files: FileChanges = base(name, 'v3'),
): Promise<void> {
  await steps.applied(name, await steps.push(name, files, 'fix'));
}

/** Checks which image a deployment has. */
export async function expectImage(steps: FluxSteps, name: string, tag: string) {
  expect(await steps.image(name)).toBe(`ex/app:${tag}`);
}
