// SPDX-License-Identifier: Apache-2.0

/** A container image reference taken apart. */
export interface ImageReference {
  /** Registry and repository as written, for example `registry.norden.example/parcel-vision`. */
  readonly name: string;
  readonly tag?: string;
  /** `sha256:<64 hex>`. */
  readonly digest?: string;
}

const reference =
  /^([^\s@]+?)(?::([A-Za-z0-9_][A-Za-z0-9_.-]{0,127}))?(?:@([a-z0-9]+(?:[.+_-][a-z0-9]+)*:[0-9a-fA-F]{32,}))?$/;

/**
 * Reads `name[:tag][@digest]`, the form of a pod's `image`. A colon before a slash is a port of the
 * registry, not a tag. Names are kept as written: `nginx` is not expanded to Docker's registry.
 * Anything that is no image reference is undefined.
 */
export function parseImage(text: string): ImageReference | undefined {
  const match = reference.exec(text);
  if (!match) return undefined;
  const [, name, tag, digest] = match;
  const path = name.slice(name.indexOf('/') + 1);
  if (path.includes(':') || name.startsWith('/') || name.endsWith('/')) {
    return undefined;
  }
  return { name, ...(tag && { tag }), ...(digest && { digest }) };
}

/** Writes an image reference the way it stands in a pod. */
export function formatImage({ name, tag, digest }: ImageReference): string {
  return `${name}${tag ? `:${tag}` : ''}${digest ? `@${digest}` : ''}`;
}
