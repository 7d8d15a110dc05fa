// SPDX-License-Identifier: Apache-2.0
import {
  isMap,
  isNode,
  isScalar,
  isSeq,
  LineCounter,
  parseDocument,
  type Node,
  type YAMLMap,
} from 'yaml';
import type { Coordinates } from './device';
import {
  emptyInventory,
  type Inventory,
  type InventoryDevice,
  type InventoryProblem,
  type InventorySite,
} from './inventory';

/** An inventory file that was read. Entries with problems are left out; the others count. */
export interface InventoryParsing {
  readonly inventory: Inventory;
  readonly problems: readonly InventoryProblem[];
}

/** Some 100,000 devices of 160 characters each. */
const longest = 16 * 1024 * 1024;
/** A file with more problems than this is wrong as a whole. */
const mostProblems = 100;

/** Names of sites and hardware are values of labels, names of devices those of nodes. */
const name = /^[A-Za-z0-9]([A-Za-z0-9._-]{0,251}[A-Za-z0-9])?$/;

/** Walks the document and reports what is not as it should be. */
class InventoryReader {
  constructor(
    private readonly report: (offset: number, message: string) => void,
  ) {}

  read(root: Node): Inventory {
    const parts = this.#fields(root, 'The file', ['sites', 'devices']);
    return {
      sites: this.#entries(parts?.sites, 'sites', node => this.#site(node)),
      devices: this.#entries(parts?.devices, 'devices', node =>
        this.#device(node),
      ),
    };
  }

  #entries<T>(
    node: Node | undefined,
    what: string,
    read: (node: Node) => T | undefined,
  ): ReadonlyMap<string, T> {
    const entries = new Map<string, T>();
    if (!node || (isScalar(node) && node.value === null)) return entries;
    if (!isMap(node)) {
      this.#wrong(
        node,
        `${what} is a map from names to what is known of them.`,
      );
      return entries;
    }
    for (const [key, keyNode, value] of pairsOf(node)) {
      if (!name.test(key)) {
        this.#wrong(keyNode ?? node, `${quote(key)} is no name.`);
        continue;
      }
      const entry = value && read(value);
      if (entry) entries.set(key, entry);
    }
    return entries;
  }

  #site(node: Node): InventorySite | undefined {
    const fields = this.#fields(node, 'A site', [
      'title',
      'coordinates',
      'owner',
    ]);
    return (
      fields && {
        title: this.#text(fields.title),
        coordinates: this.#coordinates(fields.coordinates),
        owner: this.#text(fields.owner),
      }
    );
  }

  #device(node: Node): InventoryDevice | undefined {
    const fields = this.#fields(node, 'A device', [
      'cluster',
      'site',
      'hardware',
      'owner',
      'coordinates',
    ]);
    return (
      fields && {
        cluster: this.#text(fields.cluster),
        site: this.#name(fields.site),
        hardware: this.#name(fields.hardware),
        owner: this.#text(fields.owner),
        coordinates: this.#coordinates(fields.coordinates),
      }
    );
  }

  #fields<Key extends string>(
    node: Node,
    what: string,
    known: readonly Key[],
  ): Partial<Record<Key, Node>> | undefined {
    if (!isMap(node)) {
      this.#wrong(node, `${what} is a map with ${known.join(', ')}.`);
      return undefined;
    }
    const fields: Partial<Record<Key, Node>> = {};
    for (const [key, keyNode, value] of pairsOf(node)) {
      const field = known.find(other => other === key);
      if (field) fields[field] = value;
      else {
        this.#wrong(
          keyNode ?? node,
          `${what} has no ${quote(key)}; it may have ${known.join(', ')}.`,
        );
      }
    }
    return fields;
  }

  #text(node: Node | undefined): string | undefined {
    if (!node) return undefined;
    const value = isScalar(node) ? node.value : undefined;
    if (typeof value === 'string' && value.length <= 253) return value;
    this.#wrong(node, 'A text of at most 253 characters stands here.');
    return undefined;
  }

  #name(node: Node | undefined): string | undefined {
    const text = this.#text(node);
    if (node && text !== undefined && !name.test(text)) {
      this.#wrong(
        node,
        `${quote(
          text,
        )} is no name: letters, digits, dots, underscores and hyphens.`,
      );
      return undefined;
    }
    return text;
  }

  #coordinates(node: Node | undefined): Coordinates | undefined {
    if (!node) return undefined;
    const [latitude, longitude, ...more] = isSeq(node)
      ? node.items.map(item => (isScalar(item) ? item.value : undefined))
      : [];
    const isPlace =
      typeof latitude === 'number' &&
      typeof longitude === 'number' &&
      more.length === 0 &&
      Math.abs(latitude) <= 90 &&
      Math.abs(longitude) <= 180;
    if (isPlace) return { latitude, longitude };
    this.#wrong(node, 'Coordinates are degrees north and east: [52.37, 4.90].');
    return undefined;
  }

  #wrong(node: Node, message: string): void {
    this.report(node.range?.[0] ?? 0, message);
  }
}

/**
 * Reads the inventory file of the fleet repository: YAML with `sites` and `devices`, each a map by
 * name. Never throws; what is wrong is said with its line.
 */
export function parseInventory(text: string): InventoryParsing {
  if (text.length > longest) {
    return refused(
      `The file has ${text.length} characters; at most ${longest} are read.`,
    );
  }
  const lines = new LineCounter();
  const document = parseDocument(text, {
    lineCounter: lines,
    prettyErrors: false,
    version: '1.2',
  });
  const problems: InventoryProblem[] = [];
  const report = (offset: number, message: string) => {
    const { line, col } = lines.linePos(offset);
    if (problems.length < mostProblems) {
      problems.push({
        line: Math.max(1, line),
        column: Math.max(1, col),
        message,
      });
    }
  };
  for (const { pos, message } of document.errors) {
    report(pos[0], `The YAML can not be read here: ${message}`);
  }
  if (problems.length > 0) return { inventory: emptyInventory, problems };
  const root = document.contents;
  if (root === null) return { inventory: emptyInventory, problems };
  const reader = new InventoryReader(report);
  return { inventory: reader.read(root), problems };
}

function refused(message: string): InventoryParsing {
  return {
    inventory: emptyInventory,
    problems: [{ line: 1, column: 1, message }],
  };
}

function* pairsOf(
  map: YAMLMap,
): Iterable<readonly [string, Node | undefined, Node | undefined]> {
  for (const { key, value } of map.items) {
    const keyNode = isNode(key) ? key : undefined;
    const text = isScalar(key) ? String(key.value) : String(key);
    yield [text, keyNode, isNode(value) ? value : undefined];
  }
}

function quote(text: string): string {
  return `"${text.slice(0, 60)}"`;
}
