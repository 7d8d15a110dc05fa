// SPDX-License-Identifier: Apache-2.0
import type {
  RollbackOptions,
  RollbackRequest,
  StageView,
} from '@causeway/plugin-delivery-common';

/** Whether canaries are skipped or run backwards. */
export type RollbackMode = NonNullable<RollbackRequest['mode']>;

export const modes: readonly RollbackMode[] = ['fast', 'safe'];

/** Whether the value of a radio button is a mode. */
export function isMode(value: string): value is RollbackMode {
  return modes.some(mode => mode === value);
}

/** One stage with what it could be taken back to. */
export type StageOptions = RollbackOptions['stages'][number];

/** One release to go back to, over all chosen stages. */
export interface VersionChoice {
  readonly id: string;
  readonly version: string;
  readonly message?: string;
  /** Its past in each chosen stage in which it ran. */
  readonly past: readonly {
    readonly title: string;
    readonly ranFrom?: string;
    readonly ranUntil?: string;
  }[];
  /** Chosen stages in which it never ran. */
  readonly missingIn: readonly string[];
  /** Why the backend does not allow it in a chosen stage. */
  readonly why: readonly string[];
}

/**
 * The last cloud and the last edge stage, which people mean by "cloud and edge". Undefined unless
 * there are both and both may be taken back.
 */
export function cloudAndEdge(
  options: readonly StageOptions[],
  stages: readonly StageView[],
): readonly StageOptions[] | undefined {
  const last = (kind: StageView['kind']) => {
    const name = stages.filter(stage => stage.kind === kind).at(-1)?.name;
    return options.find(option => option.stage === name);
  };
  const both = [last('cloud'), last('edge')].filter(
    (option): option is StageOptions => option?.allowed === true,
  );
  return both.length === 2 ? both : undefined;
}

/**
 * The releases that could be chosen for all of the given stages, in the order of the first stage;
 * without one that runs in all of them, which would change nothing.
 */
export function versionChoices(
  chosen: readonly StageOptions[],
): readonly VersionChoice[] {
  const ids = new Set(
    chosen.flatMap(option => option.releases.map(({ release }) => release.id)),
  );
  return [...ids].flatMap(id => {
    const isThere = chosen.every(option => option.current?.id === id);
    return id && !isThere ? [versionChoice(id, chosen)] : [];
  });
}

/** Whether a release may be chosen: it ran in every chosen stage, and the backend allows it in all. */
export function isPossible(choice: VersionChoice): boolean {
  return choice.missingIn.length === 0 && choice.why.length === 0;
}

/** The release that ran before in a stage, which is the default. */
export function previousOf(option: StageOptions) {
  return option.releases.find(({ previous }) => previous)?.release;
}

function versionChoice(
  id: string,
  chosen: readonly StageOptions[],
): VersionChoice {
  const found = chosen.flatMap(option =>
    option.releases
      .filter(({ release }) => release.id === id)
      .map(entry => ({ option, entry })),
  );
  const [first] = found;
  return {
    id,
    version: first.entry.release.version,
    message: first.entry.release.message,
    past: found.map(({ option, entry }) => ({
      title: option.title,
      ranFrom: entry.ranFrom,
      ranUntil: entry.ranUntil,
    })),
    missingIn: chosen
      .filter(option => !found.some(each => each.option === option))
      .map(option => option.title),
    why: [
      ...new Set(
        found.flatMap(({ entry }) =>
          entry.allowed ? [] : [entry.why ?? entry.release.version],
        ),
      ),
    ],
  };
}
