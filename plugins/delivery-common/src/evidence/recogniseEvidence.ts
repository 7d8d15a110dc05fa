// SPDX-License-Identifier: Apache-2.0
import type { EvidenceKind } from './evidence';

/** Deeper than any of the formats goes; protects those who read the file later. */
const MAX_DEPTH = 200;

const tooDeep = `The file nests more than ${MAX_DEPTH} levels.`;

type Check = (text: string) => string | undefined;

const checks: Readonly<Record<EvidenceKind, Check>> = {
  junit: xml('testsuites', 'testsuite'),
  cobertura: xml('coverage'),
  lcov,
  sarif: json(
    'a SARIF 2.1.0 log',
    log => log.version === '2.1.0' && Array.isArray(log.runs),
  ),
  cyclonedx: json(
    'a CycloneDX bill',
    bill =>
      bill.bomFormat === 'CycloneDX' && typeof bill.specVersion === 'string',
  ),
  'k6-summary': json('a k6 summary', summary => isObject(summary.metrics)),
  lighthouse: json(
    'a Lighthouse report',
    report =>
      typeof report.lighthouseVersion === 'string' &&
      isObject(report.categories),
  ),
};

/**
 * What speaks against a file being of its kind; undefined when nothing does. A cheap look at the
 * shape, without building anything from the file: no entity of XML is expanded, nothing is unpacked.
 */
export function evidenceProblem(
  kind: EvidenceKind,
  content: Uint8Array,
): string | undefined {
  if (content.length === 0) return 'The file is empty.';
  const packing = packed(content);
  if (packing) {
    return `The file is packed (${packing}); send it as the tool has written it.`;
  }
  let text: string;
  try {
    text = new TextDecoder('utf-8', { fatal: true }).decode(content);
  } catch {
    return 'The file is no text in UTF-8.';
  }
  return checks[kind](text);
}

/** The first bytes of what packs files. */
function packed(content: Uint8Array): string | undefined {
  const starts = (...bytes: number[]) =>
    bytes.every((byte, index) => content[index] === byte);
  if (starts(0x50, 0x4b)) return 'zip';
  if (starts(0x1f, 0x8b)) return 'gzip';
  if (starts(0x42, 0x5a, 0x68)) return 'bzip2';
  if (starts(0xfd, 0x37, 0x7a)) return 'xz';
  if (starts(0x28, 0xb5, 0x2f, 0xfd)) return 'zstd';
  return undefined;
}

function xml(...roots: readonly string[]): Check {
  return text => {
    if (/<!ENTITY/i.test(text) || /<!DOCTYPE[^>]*\[/i.test(text)) {
      return 'The file declares entities of its own, which could grow without end; they are not taken.';
    }
    const prolog =
      /^\uFEFF?\s*(?:<\?[^>]*\?>\s*|<!--(?:(?!-->)[^])*-->\s*|<!DOCTYPE[^>]*>\s*)*/.exec(
        text,
      )?.[0].length ?? 0;
    const root = /^<([A-Za-z][\w.-]*)[\s/>]/.exec(
      text.slice(prolog, prolog + 200),
    )?.[1];
    if (root === undefined) return 'The file is no XML.';
    if (!roots.includes(root)) {
      return `The file begins with <${root}>, not with <${roots.join(
        '> or <',
      )}>.`;
    }
    const end = text.trimEnd();
    const isClosed =
      end.endsWith(`</${root}>`) || /^<[^<]*\/>$/.test(end.slice(prolog));
    if (!isClosed) return `The file does not end with </${root}>.`;
    return elementsNest(text) > MAX_DEPTH ? tooDeep : undefined;
  };
}

/** How deep elements nest; texts that look like tags count, which only makes it stricter. */
function elementsNest(text: string): number {
  let depth = 0;
  let deepest = 0;
  for (const [tag] of text.matchAll(/<\/?[A-Za-z][^<>]*>/g)) {
    if (tag.startsWith('</')) depth -= 1;
    else if (!tag.endsWith('/>')) depth += 1;
    deepest = Math.max(deepest, depth);
  }
  return deepest;
}

function json(
  what: string,
  isOne: (value: Readonly<Record<string, unknown>>) => boolean,
): Check {
  return text => {
    if (bracketsNest(text) > MAX_DEPTH) return tooDeep;
    let value: unknown;
    try {
      value = JSON.parse(text.replace(/^\uFEFF/, ''));
    } catch {
      return 'The file is no JSON.';
    }
    return isObject(value) && isOne(value)
      ? undefined
      : `The file is JSON, but not ${what}.`;
  };
}

function bracketsNest(text: string): number {
  let depth = 0;
  let deepest = 0;
  let isText = false;
  for (let at = 0; at < text.length; at += 1) {
    const character = text[at];
    if (isText && character === '\\') at += 1;
    else if (character === '"') isText = !isText;
    else if (!isText && (character === '{' || character === '[')) {
      depth += 1;
      deepest = Math.max(deepest, depth);
    } else if (!isText && (character === '}' || character === ']')) depth -= 1;
  }
  return deepest;
}

function lcov(text: string): string | undefined {
  const lines = text.split(/\r?\n/).filter(line => line !== '');
  const strange = lines.find(
    line => line !== 'end_of_record' && !/^[A-Z]{2,6}:/.test(line),
  );
  if (strange !== undefined) {
    return `The file is no LCOV: it has the line “${strange.slice(0, 60)}”.`;
  }
  return lines.includes('end_of_record')
    ? undefined
    : 'The file is no LCOV: it has no end_of_record.';
}

function isObject(value: unknown): value is Readonly<Record<string, unknown>> {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}
