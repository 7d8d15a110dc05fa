// SPDX-License-Identifier: Apache-2.0

/**
 * The worker thread: one message in, one build in a fresh instance, one message
 * out. Plain CommonJS beside src, so that the same file runs from the source
 * tree, under jest and from the published package.
 *
 * workerData  WebAssembly.Module, compiled once by the main thread
 * in          Uint8Array, the request as JSON
 * out         { exitCode, output, diagnostics }: what the program wrote to
 *             standard output (Uint8Array) and standard error (string)
 */
'use strict';

const { WASI } = require('node:wasi');
const { parentPort, workerData } = require('node:worker_threads');

parentPort.on('message', request => {
  const { exitCode, output, diagnostics } = run(workerData, request);
  parentPort.postMessage(
    { exitCode, output, diagnostics: diagnostics.toString() },
    [output.buffer],
  );
});

/**
 * Go collects garbage less often than by default: an instance lives for one
 * build, and waiting for the collector was a third of its time.
 */
const environment = { GOGC: '400' };

/** Without preopened folders the program sees only its request. */
function run(module, request) {
  const wasi = new WASI({
    version: 'preview1',
    args: ['kustomize'],
    env: environment,
  });
  const streams = standardStreams(request, memory);
  const instance = new WebAssembly.Instance(module, {
    wasi_snapshot_preview1: { ...wasi.wasiImport, ...streams.imports },
  });
  const exitCode = wasi.start(instance);
  return {
    exitCode,
    output: streams.written(1),
    diagnostics: Buffer.from(streams.written(2)),
  };

  // Asked for at every use: it is another buffer after the program grew it.
  function memory() {
    return instance.exports.memory.buffer;
  }
}

/**
 * The program's standard input, output and error in memory; node:wasi alone
 * would need real files for them.
 */
function standardStreams(input, memory) {
  const success = 0;
  const badFile = 8; // errno of WASI preview 1
  const chunks = { 1: [], 2: [] };
  let consumed = 0;

  /** The buffers of a call: `count` pairs of address and length at `vectors`. */
  const buffersAt = (vectors, count) => {
    const view = new DataView(memory());
    return Array.from({ length: count }, (_, index) => {
      const at = vectors + index * 8;
      return new Uint8Array(
        memory(),
        view.getUint32(at, true),
        view.getUint32(at + 4, true),
      );
    });
  };
  const store = (address, value) =>
    new DataView(memory()).setUint32(address, value, true);

  return {
    written: stream => concatenate(chunks[stream]),
    imports: {
      fd_read(file, vectors, count, resultAddress) {
        if (file !== 0) return badFile;
        const start = consumed;
        for (const buffer of buffersAt(vectors, count)) {
          const part = input.subarray(consumed, consumed + buffer.length);
          buffer.set(part);
          consumed += part.length;
        }
        store(resultAddress, consumed - start);
        return success;
      },
      fd_write(file, vectors, count, resultAddress) {
        if (!(file in chunks)) return badFile;
        const buffers = buffersAt(vectors, count);
        chunks[file].push(...buffers.map(buffer => buffer.slice()));
        store(
          resultAddress,
          buffers.reduce((total, buffer) => total + buffer.length, 0),
        );
        return success;
      },
    },
  };
}

function concatenate(parts) {
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
