// SPDX-License-Identifier: Apache-2.0
import type { Instant } from '../time';

/** Kinds of files that CI may leave with a release, each in its native format. */
export const evidenceKinds = [
  'junit',
  'cobertura',
  'lcov',
  'sarif',
  'cyclonedx',
  'k6-summary',
  'lighthouse',
] as const;

/** A kind of file that CI may leave with a release. */
export type EvidenceKind = (typeof evidenceKinds)[number];

/** A file that CI has left with a release. */
export interface Evidence {
  readonly kind: EvidenceKind;
  /** File name, for example `unit.junit.xml`; unique within release and kind. */
  readonly name: string;
  readonly bytes: number;
  /** SHA-256 of the content, 64 hexadecimal digits. */
  readonly sha256: string;
  readonly receivedAt: Instant;
  /** The repository whose CI has sent it. */
  readonly repository: string;
}

/** How people call a kind. */
export const evidenceTitles: Readonly<Record<EvidenceKind, string>> = {
  junit: 'Test results (JUnit)',
  cobertura: 'Coverage (Cobertura)',
  lcov: 'Coverage (LCOV)',
  sarif: 'Findings (SARIF)',
  cyclonedx: 'Bill of materials (CycloneDX)',
  'k6-summary': 'Load test (k6)',
  lighthouse: 'Page quality (Lighthouse)',
};

/** Whether a text names a kind. */
export function isEvidenceKind(text: string): text is EvidenceKind {
  return evidenceKinds.some(kind => kind === text);
}
