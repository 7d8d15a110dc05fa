// SPDX-License-Identifier: Apache-2.0
import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import type {
  GitRepository,
  Kustomization,
} from '../controllers/flux/fluxObjects';
import type {
  Condition,
  KubernetesObject,
} from '../controllers/runtime/resources';
import { recordings } from './recordings';

/** One state of an object, reduced to what does not depend on the run: no times, commits by their order. */
export interface State {
  readonly object: string;
  readonly observedGeneration?: number;
  readonly artifact?: string;
  readonly applied?: string;
  readonly attempted?: string;
  readonly handled: boolean;
  readonly conditions: readonly string[];
}

export interface Observed extends KubernetesObject {
  readonly status?: GitRepository['status'] & Kustomization['status'];
}

/** Gives commits names in the order they appear: R1, R2, … */
export class Namer {
  readonly #names = new Map<string, string>();

  name(text: string): string {
    return text.replace(/[0-9a-f]{40}/g, sha => {
      const known = this.#names.get(sha) ?? `R${this.#names.size + 1}`;
      this.#names.set(sha, known);
      return known;
    });
  }
}

/** The state an object shows, with commits named by `namer`. */
export function stateOf(
  kind: string,
  name: string,
  status: Observed['status'],
  namer: Namer,
): State {
  const revision = (text: string | undefined) =>
    text === undefined ? undefined : namer.name(text);
  const condition = ({
    type,
    status: value,
    reason,
    observedGeneration,
    message = '',
  }: Condition) =>
    `${type}=${value}/${reason}/${observedGeneration}: ${normalMessage(
      namer.name(message),
    )}`;
  return {
    object: `${kind}/${name}`,
    observedGeneration: status?.observedGeneration,
    artifact: revision(status?.artifact?.revision),
    applied: revision(status?.lastAppliedRevision),
    attempted: revision(status?.lastAttemptedRevision),
    handled: status?.lastHandledReconcileAt !== undefined,
    conditions: (status?.conditions ?? []).map(condition).sort(),
  };
}

/** Messages without durations, ports, and the words around kustomize's own complaint. */
function normalMessage(message: string): string {
  return message
    .replace(
      /(kustomize build failed: ).*(yaml: line \d+: [a-z ]+context).*/,
      '$1$2',
    )
    .replace(/(failed after|passed in) (\d+m)?[\d.]+m?s/, '$1 …')
    .replace(/http:\/\/127\.0\.0\.1:\d+\/(norden\/)?/, 'http://forge/');
}

/** Leaves out states that repeat the one before of the same object. */
export function withoutRepeats(states: readonly State[]): readonly State[] {
  const last = new Map<string, string>();
  return states.filter(state => {
    const text = JSON.stringify(state);
    const repeats = last.get(state.object) === text;
    last.set(state.object, text);
    return !repeats;
  });
}

/** The states of one kind in a recording of the real controllers. */
export async function recorded(
  file: string,
  kind: string,
  name: string,
): Promise<readonly State[]> {
  const namer = new Namer();
  const rows = (await readFile(join(recordings, file), 'utf8'))
    .trim()
    .split('\n')
    .map(line => JSON.parse(line));
  const states = rows
    // Pushes name the commits in their order, also those that a status never shows.
    .flatMap(row => {
      if (row.kind === 'action') namer.name(String(row.sha ?? ''));
      return row.kind === kind && row.name === name
        ? [stateOf(kind, name, row.status, namer)]
        : [];
    });
  return withoutRepeats(states);
}
