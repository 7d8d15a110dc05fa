// SPDX-License-Identifier: Apache-2.0
import { rememberReadings } from './rememberReadings';

describe('rememberReadings', () => {
  let asked: string[];
  let isDown: boolean;
  const read = rememberReadings(async (commit, { of }: { of: string }) => {
    asked.push(`${of} at ${commit}`);
    if (isDown) throw new Error('It is down.');
    return `what ${commit} says of ${of}`;
  }, 2);

  beforeEach(() => {
    asked = [];
    isDown = false;
  });

  it('reads the same once, also for those who ask meanwhile', async () => {
    const answers = await Promise.all([
      read('c1', { of: 'oslo' }),
      read('c1', { of: 'oslo' }),
    ]);
    expect(answers).toEqual(['what c1 says of oslo', 'what c1 says of oslo']);
    expect(await read('c1', { of: 'oslo' })).toBe('what c1 says of oslo');
    expect(asked).toEqual(['oslo at c1']);
  });

  it('tells commits and questions apart, and forgets the oldest', async () => {
    await read('c2', { of: 'oslo' });
    await read('c2', { of: 'bergen' });
    await read('c2', { of: 'oslo' });
    await read('c3', { of: 'oslo' });
    expect(await read('c2', { of: 'oslo' })).toBe('what c2 says of oslo');
    expect(asked).toEqual([
      'oslo at c2',
      'bergen at c2',
      'oslo at c3',
      'oslo at c2',
    ]);
  });

  it('does not remember a failure', async () => {
    isDown = true;
    await expect(read('c4', { of: 'oslo' })).rejects.toThrow('It is down.');
    isDown = false;
    expect(await read('c4', { of: 'oslo' })).toBe('what c4 says of oslo');
    expect(asked).toEqual(['oslo at c4', 'oslo at c4']);
  });
});
