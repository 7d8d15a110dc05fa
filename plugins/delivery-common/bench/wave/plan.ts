// SPDX-License-Identifier: Apache-2.0
import { createInterface } from 'node:readline';
import { WaveProgram } from './WaveProgram';

const program = new WaveProgram();

createInterface({ input: process.stdin, crlfDelay: Infinity }).on(
  'line',
  text => {
    if (text.trim() !== '')
      process.stdout.write(`${JSON.stringify(program.answer(text))}\n`);
  },
);
