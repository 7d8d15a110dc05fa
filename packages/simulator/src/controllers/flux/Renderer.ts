// SPDX-License-Identifier: Apache-2.0
import type { Kustomize } from '@causeway/kustomize';
import { createHash } from 'node:crypto';
import { posix } from 'node:path';
import { parseAllDocuments } from 'yaml';
import { Files } from './ArtifactStore';
import { RenderingCache } from './RenderingCache';
import {
  filesReachedFrom,
  generatedKustomization,
  kustomizationOf,
  normalFolder,
} from './renderFiles';

/** A manifest as it is applied. */
export interface Manifest {
  readonly apiVersion: string;
  readonly kind: string;
  readonly metadata: {
    readonly name: string;
    readonly namespace?: string;
    readonly labels?: Readonly<Record<string, string>>;
    readonly annotations?: Readonly<Record<string, string>>;
  };
}

/** Rendered manifests and the digest of what they were rendered to. */
export interface Rendering {
  readonly manifests: readonly Manifest[];
  /** `sha256:…` of the rendered text. */
  readonly digest: string;
}

/** A folder that cannot be rendered, in the words of the real controller. */
export class BuildError extends Error {
  constructor(message: string) {
    super(message);
    this.name = 'BuildError';
  }
}

const keptRenderings = 200;

/**
 * Renders folders of artifacts with the real kustomize. Renderings are kept by
 * the content of the files they were made from: a commit that touches one
 * service does not make the others be built again. Share one among clusters.
 */
export class Renderer {
  readonly #renderings = new Map<string, Promise<Rendering | undefined>>();

  constructor(
    private readonly kustomize: Kustomize,
    private readonly cache?: RenderingCache,
  ) {}

  /** Builds something small a few times, so that the first real build finds everything loaded and compiled. */
  async warmUp(signal: AbortSignal): Promise<void> {
    const files = { 'kustomization.yaml': 'namePrefix: warm-\n' };
    for (let build = 0; build < 3 && !signal.aborted; build += 1) {
      await this.kustomize
        .build({ files, path: '.' }, { signal })
        .catch(() => undefined);
    }
  }

  /**
   * Renders a folder.
   * @throws BuildError when the folder is missing or kustomize refuses it.
   */
  async render(
    files: Files,
    path: string,
    signal: AbortSignal,
  ): Promise<Rendering> {
    const folder = normalFolder(path);
    const below =
      folder === ''
        ? files.size > 0
        : [...files.keys()].some(file => file.startsWith(`${folder}/`));
    if (!below)
      throw new BuildError(
        `kustomization path not found: stat /tmp/source/${folder}: no such file or directory`,
      );
    const complete = withKustomization(files, folder);
    const reached = filesReachedFrom(complete, folder);
    const key = contentKey(reached, folder);
    const known = this.#renderings.get(key);
    if (known)
      return (await known) ?? this.#buildFrom(complete, folder, signal);
    const rendering = this.#buildOnce(key, reached, folder, signal);
    this.#keep(key, rendering);
    const found = await rendering;
    // What is missing may lie elsewhere: then all files are given, and the result is of no use for others.
    return found ?? this.#buildFrom(complete, folder, signal);
  }

  /** The rendering of just these files, kept for later; undefined when kustomize refuses them. */
  async #buildOnce(
    key: string,
    reached: Files,
    folder: string,
    signal: AbortSignal,
  ): Promise<Rendering | undefined> {
    const kept = await this.cache?.read(key);
    if (kept !== undefined) return renderingOf(kept);
    try {
      const text = await this.#build(reached, folder, signal);
      await this.cache?.write(key, text).catch(() => undefined);
      return renderingOf(text);
    } catch (error) {
      if (signal.aborted) throw error;
      return undefined;
    }
  }

  async #buildFrom(
    files: Files,
    folder: string,
    signal: AbortSignal,
  ): Promise<Rendering> {
    try {
      return renderingOf(await this.#build(files, folder, signal));
    } catch (error) {
      if (signal.aborted) throw error;
      throw new BuildError(buildMessage(error, folder));
    }
  }

  #build(files: Files, folder: string, signal: AbortSignal): Promise<string> {
    return this.kustomize.build(
      { files, path: folder || '.', loadRestrictions: 'none' },
      { signal },
    );
  }

  #keep(key: string, rendering: Promise<Rendering | undefined>): void {
    this.#renderings.set(key, rendering);
    // A failed build may have failed for want of time; it is tried again when asked for again.
    rendering.catch(() => this.#renderings.delete(key));
    if (this.#renderings.size > keptRenderings) {
      const [oldest] = this.#renderings.keys();
      this.#renderings.delete(oldest);
    }
  }
}

function renderingOf(text: string): Rendering {
  return {
    manifests: manifestsOf(text),
    digest: `sha256:${createHash('sha256').update(text).digest('hex')}`,
  };
}

function withKustomization(files: Files, folder: string): Files {
  if (kustomizationOf(files, folder)) return files;
  return new Map([
    ...files,
    [
      posix.join(folder, 'kustomization.yaml'),
      generatedKustomization(files, folder),
    ],
  ]);
}

function contentKey(files: Files, folder: string): string {
  const hash = createHash('sha256').update(folder);
  for (const [path, content] of [...files].sort(([a], [b]) =>
    a < b ? -1 : 1,
  )) {
    hash.update(`\0${path}\0${content.length}\0`).update(content);
  }
  return hash.digest('hex');
}

/** kustomize names files from the root of the source; Flux names them from the folder it builds. */
function buildMessage(error: unknown, folder: string): string {
  const text = error instanceof Error ? error.message : String(error);
  return `kustomize build failed: ${
    folder ? text.split(`${folder}/`).join('') : text
  }`;
}

function manifestsOf(text: string): readonly Manifest[] {
  return parseAllDocuments(text)
    .map((document): unknown => document.toJS())
    .flatMap(value => (isList(value) ? value.items : [value]))
    .filter(isManifest);
}

function isList(value: unknown): value is { items: unknown[] } {
  return (
    typeof value === 'object' &&
    value !== null &&
    'items' in value &&
    'kind' in value &&
    String(value.kind).endsWith('List')
  );
}

function isManifest(value: unknown): value is Manifest {
  return (
    typeof value === 'object' &&
    value !== null &&
    'kind' in value &&
    'apiVersion' in value &&
    'metadata' in value
  );
}
