// SPDX-License-Identifier: Apache-2.0
import type { ImageOverrider } from './edgeApplicationObjects';

const tagPattern = /^\w[\w.-]{0,127}$/;
const digestPattern =
  /^[A-Za-z][A-Za-z0-9]*(?:[-_+.][A-Za-z][A-Za-z0-9]*)*:[0-9a-fA-F]{32,}$/;
const reference =
  /^(?<name>[^\s@]+?)(?::(?<tag>\w[\w.-]{0,127}))?(?:@(?<digest>\S+))?$/;

interface Parts {
  readonly host: string;
  readonly repository: string;
  /** A tag or a digest; with both, KubeEdge forgets the digest. */
  readonly version: string;
}

function partsOf(image: string): Parts {
  const {
    name = image,
    tag,
    digest = '',
  } = reference.exec(image)?.groups ?? {};
  const slash = name.indexOf('/');
  const first = name.slice(0, Math.max(slash, 0));
  const isHost = /[.:]/.test(first) || first === 'localhost';
  return {
    host: isHost ? first : '',
    repository: isHost ? name.slice(slash + 1) : name,
    version: tag ?? digest,
  };
}

function written({ host, repository, version }: Parts): string {
  const name = host ? `${host}/${repository}` : repository;
  if (!version) return name;
  return `${name}${tagPattern.test(version) ? ':' : '@'}${version}`;
}

function changed(
  before: string,
  { operator, value = '' }: ImageOverrider,
): string {
  if (operator === 'remove') return '';
  return operator === 'add' ? before + value : value;
}

/**
 * An image after an override of KubeEdge. A value that is neither a tag nor a digest, such as one with both,
 * changes nothing and is not told of.
 */
export function overrideImage(
  image: string,
  overrider: ImageOverrider,
): string {
  const parts = partsOf(image);
  switch (overrider.component) {
    case 'Registry':
      return written({ ...parts, host: changed(parts.host, overrider) });
    case 'Repository':
      return written({
        ...parts,
        repository: changed(parts.repository, overrider),
      });
    default: {
      const version = changed(parts.version, overrider);
      const isOne =
        version === '' ||
        tagPattern.test(version) ||
        digestPattern.test(version);
      return written(isOne ? { ...parts, version } : parts);
    }
  }
}
