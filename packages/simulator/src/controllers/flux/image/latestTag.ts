// SPDX-License-Identifier: Apache-2.0
import { rcompare, satisfies, valid, validRange } from 'semver';
import { TagFilter, TagPolicy } from './imageObjects';

/** A policy that cannot be followed. */
export class InvalidPolicyError extends Error {
  constructor(message: string) {
    super(message);
    this.name = 'InvalidPolicyError';
  }
}

interface Candidate {
  readonly tag: string;
  /** What of the tag is compared. */
  readonly value: string;
}

function candidatesOf(
  tags: readonly string[],
  { pattern, extract }: TagFilter,
): readonly Candidate[] {
  if (!pattern) return tags.map(tag => ({ tag, value: tag }));
  // Go names groups as (?P<name>…).
  const expression = new RegExp(pattern.replace(/\(\?P</g, '(?<'));
  return tags.flatMap(tag => {
    const match = expression.exec(tag);
    if (!match) return [];
    const value = extract?.replace(
      /\$\{?(\w+)\}?/g,
      (_all, name: string) => match.groups?.[name] ?? match[Number(name)] ?? '',
    );
    return [{ tag, value: value || tag }];
  });
}

/**
 * The tag that a policy chooses; undefined when none fits.
 * @throws InvalidPolicyError when the policy cannot be understood.
 */
export function latestTag(
  tags: readonly string[],
  policy: TagPolicy,
  filter: TagFilter = {},
): string | undefined {
  const candidates = candidatesOf(tags, filter);
  if (policy.semver) {
    const { range } = policy.semver;
    if (validRange(range) === null)
      throw new InvalidPolicyError(`invalid semver range '${range}'`);
    return candidates
      .filter(({ value }) => valid(value) && satisfies(value, range))
      .sort((a, b) => rcompare(a.value, b.value))[0]?.tag;
  }
  if (policy.alphabetical) {
    const sorted = candidates.toSorted((a, b) => (a.value < b.value ? -1 : 1));
    return sorted.at(policy.alphabetical.order === 'desc' ? 0 : -1)?.tag;
  }
  if (policy.numerical) {
    const sorted = candidates
      .filter(({ value }) => /^-?\d+(\.\d+)?$/.test(value))
      .sort((a, b) => Number(a.value) - Number(b.value));
    return sorted.at(policy.numerical.order === 'desc' ? 0 : -1)?.tag;
  }
  throw new InvalidPolicyError('no policy is given');
}
