// SPDX-License-Identifier: Apache-2.0
import { isMap, parseAllDocuments, type Document } from 'yaml';

/** A Kubernetes object in a file, as far as the onboarding looks at it. */
export interface Manifest {
  readonly apiVersion?: string;
  readonly kind?: string;
  readonly metadata?: { readonly name?: string; readonly namespace?: string };
  readonly spec?: Readonly<Record<string, unknown>>;
}

/** The documents of a YAML text; none when it can not be read, which is for kustomize to say. */
export function documentsOf(text: string): readonly Document.Parsed[] {
  const documents = parseAllDocuments(text);
  return Array.isArray(documents)
    ? documents.filter(
        document => document.errors.length === 0 && isMap(document.contents),
      )
    : [];
}

/** The objects of a YAML text. */
export function manifestsOf(text: string): readonly Manifest[] {
  return documentsOf(text).map(document => document.toJS() as Manifest);
}
