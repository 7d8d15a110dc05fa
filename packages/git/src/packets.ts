// SPDX-License-Identifier: Apache-2.0

/** A line of Git's protocol, or what stands between lines. */
export type Packet = Buffer | 'flush' | 'delimiter';

/** A line with its length in front, as Git's protocol writes it. */
export function packet(line: Packet | string): Buffer {
  if (line === 'flush') return Buffer.from('0000');
  if (line === 'delimiter') return Buffer.from('0001');
  const bytes = Buffer.from(line);
  const length = (bytes.length + 4).toString(16).padStart(4, '0');
  return Buffer.concat([Buffer.from(length), bytes]);
}

/** Takes lines apart; undefined when the bytes are not exactly a series of lines. */
export function parsePackets(bytes: Buffer): readonly Packet[] | undefined {
  const packets: Packet[] = [];
  let offset = 0;
  while (offset < bytes.length) {
    const digits = bytes.toString('latin1', offset, offset + 4);
    if (!/^[0-9a-f]{4}$/i.test(digits)) return undefined;
    const length = Number.parseInt(digits, 16);
    const end = offset + Math.max(length, 4);
    if (length === 2 || length === 3 || end > bytes.length) return undefined;
    if (length < 2) packets.push(length === 0 ? 'flush' : 'delimiter');
    else packets.push(bytes.subarray(offset + 4, end));
    offset = end;
  }
  return packets;
}
