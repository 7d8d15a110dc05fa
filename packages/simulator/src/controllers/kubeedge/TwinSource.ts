// SPDX-License-Identifier: Apache-2.0

/** Which device a twin belongs to. */
export interface TwinDevice {
  readonly namespace: string;
  readonly name: string;
  /** The edge node it hangs on. */
  readonly node: string;
}

/** The devices behind the edge nodes, as a mapper meets them. */
export interface TwinSource {
  /** Whether a device answers its mapper. */
  isOnline(device: TwinDevice, at: Date): boolean;
  /** What a device says of a property now, as text; undefined when it says nothing. */
  read(device: TwinDevice, property: string, at: Date): string | undefined;
  /** Asks a device to take a value; it may refuse, which shows in what it says later. */
  write(device: TwinDevice, property: string, value: string): void;
}

/** Devices that always answer, take every value, and say nothing of what nobody has set. */
export function obedientDevices(): TwinSource {
  const values = new Map<string, string>();
  const key = ({ namespace, name }: TwinDevice, property: string) =>
    `${namespace}/${name}/${property}`;
  return {
    isOnline: () => true,
    read: (device, property) => values.get(key(device, property)),
    write(device, property, value) {
      values.set(key(device, property), value);
    },
  };
}
