// SPDX-License-Identifier: Apache-2.0

const pageBytes = 64 * 1024;
const headerBytes = 8;
const memorySection = 5;

/**
 * A WebAssembly module with an upper limit for its memory, which the Go linker
 * has no option for: at the limit Go ends with "out of memory" instead of
 * growing to 4 GiB. Only the memory section is written anew.
 *
 * Format: https://webassembly.github.io/spec/core/binary/modules.html
 *
 * @throws RangeError when the module needs more than `maxBytes` to start
 */
export function limitMemory(
  wasm: Uint8Array,
  maxBytes: number,
): Uint8Array<ArrayBuffer> {
  const maximum = Math.floor(maxBytes / pageBytes);
  let at = headerBytes;
  while (at < wasm.length) {
    const size = readUnsigned(wasm, at + 1);
    const end = size.next + size.value;
    if (wasm[at] === memorySection) {
      const minimum = readMinimum(wasm, size.next);
      if (minimum > maximum) {
        throw new RangeError(
          `kustomize needs at least ${minimum * pageBytes} bytes of memory`,
        );
      }
      const section = [1, 1, ...unsigned(minimum), ...unsigned(maximum)];
      return concatenate(
        wasm.subarray(0, at),
        Uint8Array.from([
          memorySection,
          ...unsigned(section.length),
          ...section,
        ]),
        wasm.subarray(end),
      );
    }
    at = end;
  }
  throw new TypeError('The WebAssembly module has no memory section');
}

/** One memory, with or without a maximum: count, flag, minimum. */
function readMinimum(wasm: Uint8Array, at: number): number {
  const count = readUnsigned(wasm, at);
  const hasMaximum = wasm[count.next];
  if (count.value !== 1 || hasMaximum > 1) {
    throw new TypeError(
      'The WebAssembly module has an unexpected memory section',
    );
  }
  return readUnsigned(wasm, count.next + 1).value;
}

/** Reads an unsigned LEB128 number, the integer format of WebAssembly. */
function readUnsigned(
  bytes: Uint8Array,
  at: number,
): { value: number; next: number } {
  let value = 0;
  let factor = 1;
  let next = at;
  for (; bytes[next] >= 128; next += 1, factor *= 128) {
    value += (bytes[next] - 128) * factor;
  }
  return { value: value + bytes[next] * factor, next: next + 1 };
}

function unsigned(value: number): number[] {
  return value < 128
    ? [value]
    : [(value % 128) + 128, ...unsigned(Math.floor(value / 128))];
}

function concatenate(...parts: Uint8Array[]): Uint8Array<ArrayBuffer> {
  const whole = new Uint8Array(
    parts.reduce((total, part) => total + part.length, 0),
  );
  let at = 0;
  for (const part of parts) {
    whole.set(part, at);
    at += part.length;
  }
  return whole;
}
