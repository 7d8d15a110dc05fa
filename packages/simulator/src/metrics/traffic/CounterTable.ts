// SPDX-License-Identifier: Apache-2.0
import { scrapeInterval } from '../SeriesSource';
import { addPiece, columnCount, Piece } from './counters';
import { Draws, mixed } from './Draws';

/** Scrapes in a chunk: an hour. */
const chunkLength = 240;

/** The counters of an hour; the first row is where they stood before it. */
interface Chunk {
  readonly rows: Float64Array;
  /** Rows that are filled, besides the first. */
  filled: number;
}

/** Keeps the number of chunks in memory limited, some 54 kB each: they can be computed again. */
export class ChunkBudget {
  readonly #held = new Set<{ readonly drop: () => void }>();

  constructor(private readonly most: number) {}

  hold(drop: () => void): void {
    this.#held.add({ drop });
    if (this.#held.size <= this.most) return;
    const [oldest] = this.#held;
    this.#held.delete(oldest);
    oldest.drop();
  }
}

/** What happens between two instants in milliseconds, in order; no piece crosses a scrape. */
export type PiecesBetween = (
  from: number,
  until: number,
) => readonly { readonly from: number; readonly piece: Piece }[];

/**
 * The counters of a pod since it was born, as scrapes see them. What is drawn
 * between two scrapes follows from the hash and the scrape's number alone, so
 * it does not matter when, how often and in which order somebody asks. Each
 * hour's beginning is kept, the rows within are computed when asked for.
 */
export class CounterTable {
  readonly #bases = new Map<number, Float64Array>();
  readonly #chunks = new Map<number, Chunk>();
  #first: number;

  constructor(
    private readonly hash: number,
    bornAt: number,
    private readonly pieces: PiecesBetween,
    private readonly budget: ChunkBudget,
  ) {
    this.#first = chunkOf(Math.floor(bornAt / scrapeInterval));
    this.#bases.set(this.#first, new Float64Array(columnCount));
  }

  /** A counter at a scrape, by its number; not before the first chunk, not in the future. */
  at(column: number, scrape: number): number {
    const number = chunkOf(scrape);
    if (number < this.#first) return 0;
    const row = scrape - number * chunkLength + 1;
    return this.#filled(number, row).rows[row * columnCount + column];
  }

  /** All counters at a scrape. */
  rowAt(scrape: number): Float64Array {
    const number = chunkOf(scrape);
    if (number < this.#first) return new Float64Array(columnCount);
    const row = scrape - number * chunkLength + 1;
    return rowOf(this.#filled(number, row), row).slice();
  }

  /** Forgets the hours before a scrape. Answers the instant from which on pieces are still asked for, in milliseconds. */
  forget(before: number): number {
    const number = Math.max(this.#first, chunkOf(before));
    this.#base(number);
    for (const map of [this.#bases, this.#chunks])
      for (const key of map.keys()) if (key < number) map.delete(key);
    this.#first = number;
    return beginOf(number);
  }

  #filled(number: number, row: number): Chunk {
    const chunk = this.#chunks.get(number) ?? this.#begin(number);
    if (chunk.filled >= row) return chunk;
    const before = beginOf(number);
    const from = before + chunk.filled * scrapeInterval;
    const until = before + row * scrapeInterval;
    let at = chunk.filled;
    let index = 0;
    for (const { from: begin, piece } of this.pieces(from, until)) {
      const inRow = Math.floor((begin - before) / scrapeInterval) + 1;
      for (; at < inRow; at++) {
        rowOf(chunk, at + 1).set(rowOf(chunk, at));
        index = 0;
      }
      const seed = mixed(mixed(this.hash, number * chunkLength + inRow), index);
      addPiece(rowOf(chunk, inRow), piece, new Draws(seed));
      index++;
    }
    for (; at < row; at++) rowOf(chunk, at + 1).set(rowOf(chunk, at));
    chunk.filled = row;
    return chunk;
  }

  #begin(number: number): Chunk {
    const rows = new Float64Array((chunkLength + 1) * columnCount);
    rows.set(this.#base(number));
    const chunk = { rows, filled: 0 };
    this.#chunks.set(number, chunk);
    this.budget.hold(() => this.#chunks.delete(number));
    return chunk;
  }

  #base(number: number): Float64Array {
    const known = this.#bases.get(number);
    if (known) return known;
    const before = this.#filled(number - 1, chunkLength);
    const base = rowOf(before, chunkLength).slice();
    this.#bases.set(number, base);
    return base;
  }
}

function chunkOf(scrape: number): number {
  return Math.floor(scrape / chunkLength);
}

/** Where the first row of a chunk begins, in milliseconds. */
function beginOf(number: number): number {
  return (number * chunkLength - 1) * scrapeInterval;
}

function rowOf({ rows }: Chunk, row: number): Float64Array {
  return rows.subarray(row * columnCount, (row + 1) * columnCount);
}
