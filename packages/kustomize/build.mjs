// SPDX-License-Identifier: Apache-2.0

/**
 * Builds wasm/kustomize.wasm.br from go/, or checks that it is what go/ builds.
 *
 *   node build.mjs           builds and writes the module and its description
 *   node build.mjs --check   rebuilds and compares; without Go it still checks
 *                            the shipped module against its description
 *
 * The same source and the same Go version give the same bytes on every machine:
 * no paths, no build id, no version control stamp, fixed versions (go.sum), and
 * the Go version of the description. Brotli's own output is not compared, only
 * the module inside.
 */
import { spawnSync } from 'node:child_process';
import { createHash } from 'node:crypto';
import {
  mkdirSync,
  mkdtempSync,
  readFileSync,
  readdirSync,
  rmSync,
  writeFileSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { fileURLToPath } from 'node:url';
import { brotliCompressSync, brotliDecompressSync, constants } from 'node:zlib';

const packageRoot = path.dirname(fileURLToPath(import.meta.url));
const source = path.join(packageRoot, 'go');
const moduleFile = path.join(packageRoot, 'wasm/kustomize.wasm.br');
const descriptionFile = path.join(packageRoot, 'wasm/kustomize.json');
const licencesFile = path.join(packageRoot, 'wasm/LICENSES.txt');

/** The kustomize program whose library go.mod names; it appears in the label `managed-by`. */
const kustomizeVersion = 'v5.8.1';

class Failure extends Error {}

try {
  if (process.argv.includes('--check')) check();
  else build();
} catch (error) {
  if (!(error instanceof Failure)) throw error;
  console.error(error.message);
  process.exitCode = 1;
}

function build() {
  const go = goVersion();
  if (!go)
    throw new Failure('Go is needed to build kustomize: https://go.dev/dl');
  const wasm = compile(go);
  mkdirSync(path.dirname(moduleFile), { recursive: true });
  writeFileSync(moduleFile, compress(wasm));
  writeFileSync(
    descriptionFile,
    `${JSON.stringify(describe(wasm, go), null, 2)}\n`,
  );
  writeFileSync(licencesFile, licences(go));
  console.log(
    `Wrote ${path.relative(process.cwd(), moduleFile)}: ${
      wasm.length
    } bytes, ${digest(wasm)}`,
  );
}

function check() {
  const description = JSON.parse(readFileSync(descriptionFile, 'utf8'));
  const shipped = digest(brotliDecompressSync(readFileSync(moduleFile)));
  if (shipped !== description.sha256) {
    throw new Failure(
      `wasm/kustomize.wasm.br holds ${shipped}, but wasm/kustomize.json says ${description.sha256}. Run yarn build:wasm.`,
    );
  }
  if (!goVersion()) {
    console.log(
      'The shipped module is intact. It was not rebuilt: Go is not installed.',
    );
    return;
  }
  const rebuilt = digest(compile(description.go));
  if (rebuilt !== shipped) {
    throw new Failure(
      `go/ builds ${rebuilt} with ${description.go}, but wasm/kustomize.wasm.br holds ${shipped}. Run yarn build:wasm and commit both.`,
    );
  }
  console.log(
    `The shipped module is what go/ builds with ${description.go}: ${shipped}`,
  );
}

/** The version of the Go on PATH, or undefined without one. */
function goVersion() {
  const { status, stdout } = spawnSync('go', ['env', 'GOVERSION'], {
    cwd: tmpdir(),
    encoding: 'utf8',
  });
  return status === 0 ? stdout.trim() : undefined;
}

/** Compiles go/ with exactly the named Go, which the go command gets itself where it has another. */
function compile(go) {
  const folder = mkdtempSync(path.join(tmpdir(), 'causeway-kustomize-'));
  try {
    const output = path.join(folder, 'kustomize.wasm');
    const flags = `-s -w -buildid= -X sigs.k8s.io/kustomize/api/provenance.version=${kustomizeVersion}`;
    runGo(go, [
      'build',
      '-trimpath',
      '-buildvcs=false',
      '-mod=readonly',
      `-ldflags=${flags}`,
      '-o',
      output,
      '.',
    ]);
    return readFileSync(output);
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
}

function runGo(go, args) {
  const result = spawnSync('go', args, {
    cwd: source,
    encoding: 'utf8',
    maxBuffer: 64 * 1024 * 1024,
    env: {
      ...process.env,
      GOTOOLCHAIN: go === goVersion() ? 'local' : go,
      GOOS: 'wasip1',
      GOARCH: 'wasm',
      GOWASM: '',
      GOFLAGS: '',
      GOEXPERIMENT: '',
      GOWORK: 'off',
      CGO_ENABLED: '0',
    },
  });
  if (result.status !== 0) {
    throw new Failure(`go ${args[0]} with ${go} failed:\n${result.stderr}`);
  }
  return result.stdout;
}

function compress(wasm) {
  return brotliCompressSync(wasm, {
    params: {
      [constants.BROTLI_PARAM_QUALITY]: 11,
      [constants.BROTLI_PARAM_LGWIN]: 24,
      [constants.BROTLI_PARAM_SIZE_HINT]: wasm.length,
    },
  });
}

function describe(wasm, go) {
  return {
    kustomize: kustomizeVersion,
    go,
    bytes: wasm.length,
    sha256: digest(wasm),
  };
}

function digest(bytes) {
  return createHash('sha256').update(bytes).digest('hex');
}

/** The licence texts of every module that is compiled in, which their terms ask us to ship. */
function licences(go) {
  const format =
    '{{with .Module}}{{if not .Main}}{{.Path}} {{.Version}}\t{{.Dir}}{{end}}{{end}}';
  const modules = new Set(
    runGo(go, ['list', '-deps', '-f', format, '.']).split('\n').filter(Boolean),
  );
  const goRoot = runGo(go, ['env', 'GOROOT']).trim();
  return [...modules, `The Go standard library ${go}\t${goRoot}`]
    .sort()
    .map(line => {
      const [title, folder] = line.split('\t');
      const texts = readdirSync(folder)
        .filter(file => /^(licen[cs]e|notice|copying|patents)/i.test(file))
        .sort()
        .map(file => readFileSync(path.join(folder, file), 'utf8').trim());
      if (texts.length === 0)
        throw new Failure(`${title} has no licence file in ${folder}.`);
      return `${'='.repeat(78)}\n${title}\n${'='.repeat(78)}\n\n${texts.join(
        '\n\n',
      )}\n`;
    })
    .join('\n');
}
