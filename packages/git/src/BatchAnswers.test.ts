// SPDX-License-Identifier: Apache-2.0
import fc from 'fast-check';
import { BatchAnswers, UnexpectedAnswer } from './BatchAnswers';

const id = 'a'.repeat(40);

/** What `git cat-file --batch` writes for these contents; undefined is missing. */
function written(contents: readonly (Uint8Array | undefined)[]): Buffer {
  return Buffer.concat(
    contents.map((content, index) =>
      content
        ? Buffer.concat([
            Buffer.from(`${id} blob ${content.length}\n`),
            content,
            Buffer.from('\n'),
          ])
        : Buffer.from(`name ${index} missing\n`),
    ),
  );
}

test('answers are the same wherever the pieces end', () => {
  fc.assert(
    fc.property(
      fc.array(fc.option(fc.uint8Array(), { nil: undefined })),
      fc.array(fc.integer({ min: 1, max: 90 }), { minLength: 1 }),
      (contents, lengths) => {
        const output = written(contents);
        const answers = new BatchAnswers(1_000);
        const found: (Buffer | undefined)[] = [];
        let turn = 0;
        for (let offset = 0; offset < output.length; ) {
          const end = offset + lengths[turn % lengths.length];
          answers.push(output.subarray(offset, end));
          for (;;) {
            const answer = answers.next(`name ${found.length}`);
            if (answer === 'waiting') break;
            found.push(answer.object?.content);
          }
          offset = end;
          turn += 1;
        }
        expect(found).toEqual(
          contents.map(content => content && Buffer.from(content)),
        );
      },
    ),
  );
});

test.each([
  ['another name', 'other missing\n'],
  ['no object', 'fatal: broken\n'],
  ['an unknown kind', `${id} submodule 3\nabc\n`],
  ['no size', `${id} blob x\n`],
  ['too large a size', `${id} blob 1001\n`],
])('%s is no answer', (_what, said) => {
  const answers = new BatchAnswers(1_000);
  answers.push(Buffer.from(said));
  expect(() => answers.next('name')).toThrow(UnexpectedAnswer);
});
