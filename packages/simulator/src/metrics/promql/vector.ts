// SPDX-License-Identifier: Apache-2.0

/** Labels with the metric's name as `__name__`. */
export type Labels = Readonly<Record<string, string>>;

/** One series at one instant. */
export interface Sample {
  readonly labels: Labels;
  readonly value: number;
  /** When the sample was scraped, in milliseconds; the evaluation time for computed ones. */
  readonly time: number;
}

/** A scraped value. */
export interface Point {
  /** Milliseconds since the epoch. */
  readonly time: number;
  readonly value: number;
}

/** One series over a while. */
export interface SeriesWindow {
  readonly labels: Labels;
  readonly points: readonly Point[];
}

/** What an expression evaluates to at an instant. */
export type Value =
  | { readonly type: 'scalar'; readonly value: number }
  | { readonly type: 'string'; readonly value: string }
  | { readonly type: 'vector'; readonly samples: readonly Sample[] }
  | {
      readonly type: 'matrix';
      readonly series: readonly SeriesWindow[];
      /** Bounds of the window in milliseconds; it is open on the left. */
      readonly from: number;
      readonly until: number;
    };

/**
 * Remembers what a function makes of labels. A query over a range meets the
 * same labels at every step, and what is made of them is labels again.
 */
function remembered<T>(make: (labels: Labels) => T): (labels: Labels) => T {
  const known = new WeakMap<Labels, { readonly made: T }>();
  return labels => {
    const found = known.get(labels);
    if (found) return found.made;
    const made = make(labels);
    known.set(labels, { made });
    return made;
  };
}

type ByNames = (labels: Labels, names: readonly string[]) => Labels;

/** The same by the names in question, which the expression holds. */
function rememberedByNames(make: ByNames): ByNames {
  const known = new WeakMap<readonly string[], (labels: Labels) => Labels>();
  return (labels, names) => {
    const found =
      known.get(names) ?? remembered((each: Labels) => make(each, names));
    known.set(names, found);
    return found(labels);
  };
}

/** A text that is equal for equal labels. */
export const labelsKey = remembered(labels => {
  const names = Object.keys(labels).sort();
  return names.map(name => `${name}\u0000${labels[name]}`).join('\u0001');
});

/** Labels without the metric's name, which every computation drops. */
export const withoutName = remembered(labels => {
  if (labels.__name__ === undefined) return labels;
  const { __name__: _, ...rest } = labels;
  return rest;
});

/** Only some of the labels. */
export const pickLabels = rememberedByNames((labels, names) => {
  const kept: Record<string, string> = {};
  for (const name of names)
    if (labels[name] !== undefined) kept[name] = labels[name];
  return kept;
});

/** All labels but some and the metric's name. */
export const dropLabels = rememberedByNames((labels, names) => {
  const kept: Record<string, string> = {};
  for (const name of Object.keys(labels))
    if (name !== '__name__' && !names.includes(name)) kept[name] = labels[name];
  return kept;
});
