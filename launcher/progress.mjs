// SPDX-License-Identifier: Apache-2.0
const started = Date.now();

/** Seconds since the launcher started, for example `  4.2 s`. */
function elapsed() {
  return `${((Date.now() - started) / 1000).toFixed(1).padStart(6)} s`;
}

/** Prints one line of progress with the time since the start. */
export function progress(sentence) {
  process.stdout.write(`${elapsed()}  ${sentence}\n`);
}
