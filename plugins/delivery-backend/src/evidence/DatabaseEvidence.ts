// SPDX-License-Identifier: Apache-2.0
import {
  isEvidenceKind,
  type Evidence,
} from '@causeway/plugin-delivery-common';
import type { Knex } from 'knex';
import { numberOf, textOf, type Row } from '../database/rows';

const EVIDENCE = 'release_evidence';
const facts = ['kind', 'name', 'bytes', 'sha256', 'repository', 'received_at'];

/** What keeping a file led to. */
export type Keeping = 'kept' | 'same' | 'different' | 'tooMany';

/** The files of releases in the database. A file is written once and never changed. */
export class DatabaseEvidence {
  constructor(
    private readonly database: Knex,
    /** How many files a release may have. */
    private readonly mostFiles: number,
  ) {}

  /** Without the contents; by kind and name. */
  async list(release: string): Promise<readonly Evidence[]> {
    const rows: readonly Row[] = await this.database(EVIDENCE)
      .where({ release_id: release })
      .orderBy(['kind', 'name'])
      .select(facts);
    return rows.map(parseRow);
  }

  /** The content of a file. */
  async read(
    release: string,
    kind: string,
    name: string,
  ): Promise<Buffer | undefined> {
    const row: { readonly content: Buffer } | undefined = await this.database(
      EVIDENCE,
    )
      .where({ release_id: release, kind, name })
      .first('content');
    return row?.content;
  }

  /** Keeps a file, unless the release has another of its name. */
  async keep(
    release: string,
    evidence: Evidence,
    content: Buffer,
  ): Promise<Keeping> {
    const { kind, name } = evidence;
    return this.database.transaction(async transaction => {
      // One after the other for each release, so that the count can not be passed by two at once.
      await transaction('releases').where({ id: release }).forUpdate().first();
      const there: Row | undefined = await transaction(EVIDENCE)
        .where({ release_id: release, kind, name })
        .first(facts);
      if (there) {
        return textOf(there, 'sha256') === evidence.sha256
          ? 'same'
          : 'different';
      }
      const names = await transaction(EVIDENCE)
        .where({ release_id: release })
        .select('name');
      if (names.length >= this.mostFiles) return 'tooMany';
      await transaction(EVIDENCE).insert({
        release_id: release,
        kind,
        name,
        bytes: evidence.bytes,
        sha256: evidence.sha256,
        repository: evidence.repository,
        received_at: evidence.receivedAt,
        content,
      });
      return 'kept';
    });
  }

  /** Forgets files that came before a moment. */
  async forgetBefore(moment: Date): Promise<void> {
    await this.database(EVIDENCE)
      .where('received_at', '<', moment.toISOString())
      .delete();
  }
}

function parseRow(row: Row): Evidence {
  const kind = textOf(row, 'kind');
  if (!isEvidenceKind(kind)) {
    throw new Error(`A row of the table ${EVIDENCE} is of the kind ${kind}`);
  }
  return {
    kind,
    name: textOf(row, 'name'),
    bytes: numberOf(row, 'bytes'),
    sha256: textOf(row, 'sha256'),
    repository: textOf(row, 'repository'),
    receivedAt: textOf(row, 'received_at'),
  };
}
