// SPDX-License-Identifier: Apache-2.0
import { isLabelValue } from './labelValue';
import type { KnownSite } from './listSites';

/** More than these are found by typing: a longer list is slow to build and to read. */
const MOST = 50;

/** What can be chosen now. */
export interface OfferedSites {
  /** Sites of the fleet that fit what was typed, at most fifty. */
  readonly sites: readonly KnownSite[];
  /** How many more fit. */
  readonly more: number;
  /** The name that was typed, where it can be one of a site that the fleet does not have. */
  readonly typed?: string;
  /** What was typed, where neither the fleet has it nor any site can be named so. */
  readonly impossible?: string;
}

/**
 * Decides what a person can choose next: sites that are not chosen yet and whose name or title holds
 * what was typed, whole names first, and a site that nobody knows yet, by its name.
 */
export function offerSites(
  known: readonly KnownSite[],
  chosen: readonly string[],
  text: string,
): OfferedSites {
  const typed = text.trim();
  const wanted = fold(typed);
  const isWhole = ({ name, title }: KnownSite) =>
    fold(name) === wanted || fold(title) === wanted;
  const fitting = known.filter(
    ({ name, title }) =>
      !chosen.includes(name) &&
      (fold(name).includes(wanted) || fold(title).includes(wanted)),
  );
  const sites = [
    ...fitting.filter(isWhole),
    ...fitting.filter(site => !isWhole(site)),
  ];
  const isPossible = typed === '' || isLabelValue(typed);
  const isNew =
    typed !== '' &&
    isPossible &&
    !chosen.includes(typed) &&
    !known.some(({ name }) => name === typed);
  return {
    sites: sites.slice(0, MOST),
    more: Math.max(0, sites.length - MOST),
    ...(isNew && { typed }),
    ...(!isPossible && sites.length === 0 && { impossible: typed }),
  };
}

/** What is worth a word about a site that was chosen. */
export type SiteWarning =
  | 'impossible'
  | 'unknown'
  | 'unlabelled'
  | 'partly'
  | 'otherKinds';

/** Says the worst of a chosen site. `known` is left out while nothing is known of the fleet. */
export function warningOf(
  name: string,
  known: readonly KnownSite[] | undefined,
): SiteWarning | undefined {
  if (!isLabelValue(name)) return 'impossible';
  if (!known) return undefined;
  const site = known.find(each => each.name === name);
  if (!site) return 'unknown';
  if (site.labelled === 0) return 'unlabelled';
  if (site.ofKinds === 0) return 'otherKinds';
  return site.labelled < site.devices ? 'partly' : undefined;
}

function fold(text: string): string {
  return text.toLocaleLowerCase('en');
}
