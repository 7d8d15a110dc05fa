// SPDX-License-Identifier: Apache-2.0
import fc from 'fast-check';
import { parse } from 'yaml';
import { editImages, readImages } from './editImages';

const name = 'registry.norden.example/parcel-vision';
const before = `sha256:${'a'.repeat(64)}`;
const after = `sha256:${'b'.repeat(64)}`;
const image = { name, tag: '2.8.1', digest: after };

describe('editImages', () => {
  it('changes two values and not one other character', () => {
    const text = [
      '# Overlay of cloud-staging. Edited by people and by Causeway.',
      'apiVersion: kustomize.config.k8s.io/v1beta1',
      'kind: Kustomization',
      '',
      'resources:   # the base',
      '    - ../../base',
      'images:',
      '  # what runs here',
      `  - name: ${name}   # keep`,
      '    newTag: 2.7.3 # tested on belt 4',
      '',
      `    digest: ${before}`,
      '  - name: registry.norden.example/sidecar',
      "    newTag: '1.0'",
      'patches: []',
      '# the end',
      '',
    ].join('\n');
    expect(editImages(text, [image])).toBe(
      text.replace('2.7.3', '2.8.1').replace(before, after),
    );
  });

  it.each([
    [
      'Windows line ends',
      `images:\r\n  - name: ${name}\r\n    newTag: 2.7.3\r\n    digest: ${before}\r\n# end\r\n`,
      `images:\r\n  - name: ${name}\r\n    newTag: 2.8.1\r\n    digest: ${after}\r\n# end\r\n`,
    ],
    [
      'quotes',
      `images:\n- name: "${name}"\n  newTag: '2.7.3'\n  digest: "${before}"\n`,
      `images:\n- name: "${name}"\n  newTag: '2.8.1'\n  digest: "${after}"\n`,
    ],
    [
      'flow style',
      `images: [{name: ${name}, newTag: 2.7.3, digest: ${before}}] # one\n`,
      `images: [{name: ${name}, newTag: 2.8.1, digest: ${after}}] # one\n`,
    ],
    [
      'the digest first',
      `images:\n- digest: ${before}\n  newTag: x\n  name: ${name}\n`,
      `images:\n- digest: ${after}\n  newTag: 2.8.1\n  name: ${name}\n`,
    ],
    [
      'an empty value',
      `images:\n- name: ${name}\n  newTag:   # later\n  digest: ${before}\n`,
      `images:\n- name: ${name}\n  newTag: 2.8.1   # later\n  digest: ${after}\n`,
    ],
    [
      'a renamed image',
      `images:\n- name: app\n  newName: ${name}\n  newTag: a\n  digest: ${before}\n`,
      `images:\n- name: app\n  newName: ${name}\n  newTag: 2.8.1\n  digest: ${after}\n`,
    ],
    [
      'two entries of the same image',
      `images:\n- {name: ${name}, newTag: a, digest: b}\n- {name: ${name}, newTag: c, digest: d}\n`,
      `images:\n- {name: ${name}, newTag: 2.8.1, digest: ${after}}\n- {name: ${name}, newTag: 2.8.1, digest: ${after}}\n`,
    ],
  ])('keeps %s', (_name, text, expected) => {
    expect(editImages(text, [image])).toBe(expected);
  });

  it.each([
    [
      'both fields',
      `images:\n  - name: ${name} # ours\n    # later\nresources: []\n`,
      `images:\n  - name: ${name} # ours\n    newTag: 2.8.1\n    digest: ${after}\n    # later\nresources: []\n`,
    ],
    [
      'the digest',
      `images:\n- name: ${name}\n  newTag: 2.7.3\n`,
      `images:\n- name: ${name}\n  digest: ${after}\n  newTag: 2.8.1\n`,
    ],
    [
      'a field in flow style',
      `images: [{name: ${name}, newTag: 2.7.3}]\n`,
      `images: [{name: ${name}, digest: "${after}", newTag: 2.8.1}]\n`,
    ],
    [
      'an entry behind others',
      `images:\n  - name: other\n    newTag: "1" # one\nresources: []\n`,
      `images:\n  - name: other\n    newTag: "1" # one\n  - name: ${name}\n    newTag: 2.8.1\n    digest: ${after}\nresources: []\n`,
    ],
    [
      'an entry to an empty list',
      `images: []\n`,
      `images: [{"name":"${name}","newTag":"2.8.1","digest":"${after}"}]\n`,
    ],
    [
      'an entry to no list',
      `images:\nresources: []\n`,
      `images:\n  - name: ${name}\n    newTag: 2.8.1\n    digest: ${after}\nresources: []\n`,
    ],
    [
      'the list',
      `resources:\n- ../base\n`,
      `resources:\n- ../base\nimages:\n  - name: ${name}\n    newTag: 2.8.1\n    digest: ${after}\n`,
    ],
    [
      'the list to a file without a last line end',
      `resources: [../base]`,
      `resources: [../base]\nimages:\n  - name: ${name}\n    newTag: 2.8.1\n    digest: ${after}`,
    ],
    [
      'the list to an empty file',
      ``,
      `images:\n  - name: ${name}\n    newTag: 2.8.1\n    digest: ${after}\n`,
    ],
  ])('adds %s', (_name, text, expected) => {
    expect(editImages(text, [image])).toBe(expected);
  });

  it('returns the same text when nothing differs', () => {
    const text = `images:\n- {name: ${name}, newTag: 2.8.1, digest: "${after}"}\n`;
    expect(editImages(text, [image])).toBe(text);
  });

  it.each(['1.10', '1e3', 'on', '0x1f', '1_000', '12:30:45', 'null', '~'])(
    'writes the tag %s as text',
    tag => {
      const edited = editImages('images: # none\n', [{ ...image, tag }]);
      expect(parse(edited, { version: '1.1' }).images[0].newTag).toBe(tag);
      expect(parse(edited, { version: '1.2' }).images[0].newTag).toBe(tag);
    },
  );

  it.each([
    ['broken YAML', 'images: [', /no valid YAML/],
    ['a list', '- a\n', /mapping was expected/],
    ['two documents', 'a: 1\n---\nb: 2\n', /no valid YAML/],
    ['images that are no list', 'images: {a: b}\n', /no list/],
    ['an entry that is text', 'images: [a]\n', /no mapping/],
    [
      'an anchored value',
      `images:\n- name: ${name}\n  newTag: &tag 1.0.0\n`,
      /edited safely/,
    ],
    [
      'an alias',
      `x: &tag a\nimages:\n- name: ${name}\n  newTag: *tag\n`,
      /edited safely/,
    ],
    [
      'a block value',
      `images:\n- name: ${name}\n  newTag: |\n    a\n`,
      /edited safely/,
    ],
    ['a flow document', '{resources: []}', /edited safely/],
  ])('refuses %s', (_name, text, message) => {
    expect(() => editImages(text, [image])).toThrow(
      expect.objectContaining({
        name: 'InputError',
        message: expect.stringMatching(message),
      }),
    );
  });

  it('sets what was asked and nothing else, whatever surrounds it', () => {
    const comments = fc.constantFrom('', ' # why', '  #');
    const fillers = fc.constantFrom('', '\n', '# comment\n', '   # deep\n\n');
    const entries = fc.record({
      name: fc.constantFrom(name, 'other', 'registry.norden.example/sidecar'),
      indent: fc.constantFrom('', '  ', '    '),
      comment: comments,
      filler: fillers,
      tag: fc.option(fc.constantFrom('2.7.3', "'1.0'", '"x"', '7')),
      digest: fc.option(fc.constant(before)),
      eol: fc.constantFrom('\n', '\r\n'),
    });
    const tags = fc.stringMatching(/^[A-Za-z0-9_][A-Za-z0-9_.-]{0,20}$/);
    fc.assert(
      fc.property(
        fc.array(entries, { maxLength: 4 }),
        fillers,
        tags,
        (list, head, tag) => {
          const indent = list[0]?.indent ?? '';
          const eol = list[0]?.eol ?? '\n';
          const lines = list.map(
            entry =>
              `${entry.filler}${indent}- name: ${entry.name}${entry.comment}\n` +
              `${
                entry.tag === null ? '' : `${indent}  newTag: ${entry.tag}\n`
              }` +
              `${
                entry.digest === null
                  ? ''
                  : `${indent}  digest: ${entry.digest}${entry.comment}\n`
              }`,
          );
          const text = `${head}resources: [../base]${'\n'}images:\n${lines.join(
            '',
          )}`.replaceAll('\n', eol);
          const edited = editImages(text, [{ ...image, tag }]);

          const wanted = (parse(text).images ?? []).map(
            (entry: { name: string }) =>
              entry.name === name
                ? { ...entry, newTag: tag, digest: after }
                : entry,
          );
          if (!list.some(entry => entry.name === name)) {
            wanted.push({ name, newTag: tag, digest: after });
          }
          expect(parse(edited)).toEqual({ ...parse(text), images: wanted });
          const commentsOf = (yaml: string) => yaml.match(/#.*/g) ?? [];
          expect(commentsOf(edited)).toEqual(commentsOf(text));
          const bare = edited.match(/(?<!\r)\n/g) ?? [];
          expect(eol === '\n' || bare.length === 0).toBe(true);
        },
      ),
    );
  });
});

describe('readImages', () => {
  it('reads what a kustomization declares', () => {
    expect(
      readImages(
        `images:\n- {name: a, newTag: 2.8.1, digest: ${after}}\n- {name: b, newName: c}\n`,
      ),
    ).toEqual([
      { name: 'a', tag: '2.8.1', digest: after },
      { name: 'c', tag: undefined, digest: undefined },
    ]);
    expect(readImages('resources: []\n')).toEqual([]);
  });
});
