// SPDX-License-Identifier: Apache-2.0

const whole = new Intl.NumberFormat('en', { maximumFractionDigits: 0 });

/** `1 error`, `9,840 requests`. */
export function sayCount(count: number, noun: string): string {
  const rounded = Math.round(count);
  return `${whole.format(rounded)} ${noun}${rounded === 1 ? '' : 's'}`;
}

/** A small share with two digits that count: `0.39 %`, `12 %`. */
export function sayShare(share: number): string {
  const percent = share * 100;
  if (percent === 0) return '0 %';
  return `${Number(percent.toFixed(digitsOf(percent)))} %`;
}

function digitsOf(percent: number): number {
  const digits = 1 - Math.floor(Math.log10(percent));
  return Math.min(3, Math.max(0, digits));
}

/** A share in whole percent. */
export function sayPercent(share: number): string {
  return `${Math.round(share * 100)} %`;
}

/** `214 ms`, `1.8 s`. */
export function sayMilliseconds(milliseconds: number): string {
  return milliseconds < 1_000
    ? `${whole.format(milliseconds)} ms`
    : `${(milliseconds / 1_000).toFixed(1)} s`;
}

/** `4 min`, `3.6 h`. */
export function sayMinutes(minutes: number): string {
  return minutes < 90
    ? `${Math.max(1, Math.ceil(minutes))} min`
    : `${(minutes / 60).toFixed(1)} h`;
}

/** How much likelier, of a logarithm: `6,000 : 1`. */
export function sayOdds(logarithm: number): string {
  const odds = Math.exp(Math.min(logarithm, 30));
  const rounded = Number(odds.toPrecision(odds < 1_000 ? 2 : 1));
  return logarithm > 30
    ? 'more than a billion : 1'
    : `${rounded.toLocaleString('en')} : 1`;
}
