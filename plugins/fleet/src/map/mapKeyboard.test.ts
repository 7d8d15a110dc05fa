// SPDX-License-Identifier: Apache-2.0
import { mapActionOf, type KeyboardPlace } from './mapKeyboard';

const marks = [
  { key: 'milan', at: { x: 500, y: 500 } },
  { key: 'oslo', at: { x: 520, y: 100 } },
  { key: 'porto', at: { x: 100, y: 480 } },
  { key: 'hamburg', at: { x: 510, y: 300 } },
];

const onMap: KeyboardPlace = { marks, hasChoice: false };
const on = (focused: string): KeyboardPlace => ({ ...onMap, focused });

describe('the keyboard of the map', () => {
  it.each([
    ['ArrowLeft', { kind: 'pan', dx: -80, dy: 0 }],
    ['ArrowDown', { kind: 'pan', dx: 0, dy: 80 }],
    ['+', { kind: 'zoom', steps: 1 }],
    ['=', { kind: 'zoom', steps: 1 }],
    ['-', { kind: 'zoom', steps: -1 }],
    ['0', { kind: 'fit' }],
    ['Enter', { kind: 'focus', key: 'milan' }],
    ['End', { kind: 'focus', key: 'hamburg' }],
    ['Escape', undefined],
    ['x', undefined],
  ])('on the map, %s means %j', (key, action) => {
    expect(mapActionOf(key, onMap)).toEqual(action);
  });

  it.each([
    ['milan', 'ArrowUp', { kind: 'focus', key: 'hamburg' }],
    ['hamburg', 'ArrowUp', { kind: 'focus', key: 'oslo' }],
    ['milan', 'ArrowLeft', { kind: 'focus', key: 'porto' }],
    ['oslo', 'ArrowUp', { kind: 'pan', dx: 0, dy: -80 }],
    ['porto', 'ArrowLeft', { kind: 'pan', dx: -80, dy: 0 }],
    ['porto', 'Home', { kind: 'focus', key: 'milan' }],
    ['porto', 'Escape', { kind: 'leave' }],
    ['porto', '-', { kind: 'zoom', steps: -1 }],
    ['porto', 'Enter', undefined],
  ])('on %s, %s means %j', (mark, key, action) => {
    expect(mapActionOf(key, on(mark))).toEqual(action);
  });

  it('takes back the choice of sites with Escape, when there is one', () => {
    expect(mapActionOf('Escape', { ...onMap, hasChoice: true })).toEqual({
      kind: 'clear',
    });
  });

  it('has nowhere to go on an empty map', () => {
    const empty = { marks: [], hasChoice: false };
    expect(mapActionOf('Enter', empty)).toBeUndefined();
    expect(mapActionOf('Home', empty)).toBeUndefined();
  });
});
