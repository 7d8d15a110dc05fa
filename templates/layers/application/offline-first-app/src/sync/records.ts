/** The fields of a record that people change. */
export interface Fields {
  readonly text: string;
  readonly done: boolean;
}

/** One field, with the revision and the client that set it. */
interface Stamped<T> {
  readonly value: T;
  readonly revision: number;
  readonly client: string;
}

/** What somebody else wanted a field to be, and a person has to decide about. */
export interface Conflict {
  readonly field: keyof Fields;
  readonly value: Fields[keyof Fields];
  readonly client: string;
  readonly mutation: string;
}

/** A record as the server knows it. */
export interface SharedRecord {
  readonly id: string;
  readonly fields: { readonly [K in keyof Fields]: Stamped<Fields[K]> };
  readonly conflicts: readonly Conflict[];
  /** Of the last change of anything in it. */
  readonly revision: number;
}

/** A change that somebody made, perhaps long before it arrives. */
export interface Mutation {
  /** Of this change alone: it counts once, however often it arrives. */
  readonly id: string;
  readonly record: string;
  /** The newest revision that its maker had seen. */
  readonly base: number;
  readonly changes: Partial<Fields>;
  /** Its maker has seen the conflicts of these fields and decided. */
  readonly settles?: boolean;
}

/** Everything that is shared. */
export interface Shared {
  readonly revision: number;
  readonly records: ReadonlyMap<string, SharedRecord>;
  readonly applied: ReadonlySet<string>;
}

export const nothingShared: Shared = {
  revision: 0,
  records: new Map(),
  applied: new Set(),
};
const empty: Fields = { text: '', done: false };

/**
 * Applies a change to what is shared.
 *
 * Fields are merged one by one. A field that nobody touched since the maker looked is set. One that
 * somebody set to something else meanwhile keeps its value, and what the maker wanted is kept beside
 * it as a conflict: nothing that a person wrote is lost, and all copies come to the same.
 */
export function applyMutation(
  shared: Shared,
  mutation: Mutation,
  client: string,
): Shared {
  if (shared.applied.has(mutation.id)) return shared;
  const revision = shared.revision + 1;
  const before = shared.records.get(mutation.record);
  let fields: SharedRecord['fields'] = before?.fields ?? {
    text: { value: empty.text, revision: 0, client },
    done: { value: empty.done, revision: 0, client },
  };
  let conflicts = before?.conflicts ?? [];
  for (const [field, value] of changesOf(mutation)) {
    const known = fields[field];
    // What the same client did in between is no news to it: its changes arrive in their order.
    const isTouched =
      known.revision > mutation.base &&
      known.client !== client &&
      known.value !== value;
    if (isTouched && !mutation.settles) {
      conflicts = [
        ...conflicts,
        { field, value, client, mutation: mutation.id },
      ];
    } else {
      fields = { ...fields, [field]: { value, revision, client } };
      if (mutation.settles)
        conflicts = conflicts.filter(each => each.field !== field);
    }
  }
  const record: SharedRecord = {
    id: mutation.record,
    fields,
    conflicts,
    revision,
  };
  return {
    revision,
    records: new Map(shared.records).set(record.id, record),
    applied: new Set(shared.applied).add(mutation.id),
  };
}

/** Records that changed after a revision. */
export function changedSince(
  { records }: Shared,
  revision: number,
): readonly SharedRecord[] {
  return [...records.values()].filter(record => record.revision > revision);
}

function changesOf({
  changes,
}: Mutation): readonly [keyof Fields, Fields[keyof Fields]][] {
  return [
    ...(changes.text === undefined
      ? []
      : [['text', changes.text] as [keyof Fields, string]]),
    ...(changes.done === undefined
      ? []
      : [['done', changes.done] as [keyof Fields, boolean]]),
  ];
}
