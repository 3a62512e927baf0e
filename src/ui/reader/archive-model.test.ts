// An archive as it is read: put together from blocks, whoever wrote them, and searched.
// Promises: files that are none, or not whole, are told apart; no block of a stranger makes the reader throw.
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { blockOf, blocksIn, type ArchivedItem, type ArchiveEnd } from '../../contract/archive-page';
import { archiveOf, attachmentsIn, fileNameOf, search, wordsOf } from './archive-model';

const head = { name: 'head', value: { format: 1, account: '0xA', madeAtMs: 1 } };
const end: ArchiveEnd = {
  messages: 1,
  conversations: 1,
  repeated: 0,
  unreadable: {},
  attachmentsLeft: 0,
  damaged: 0,
  badLines: 0,
  otherRows: 0,
};
const talk = (number: number) => ({
  number,
  version: 2,
  topic: `t${number}`,
  peer: `0xB${number}`,
  name: '',
  about: '',
});
const said = (at: number, text: string, to = 0): ArchivedItem => ({
  in: to,
  atMs: at,
  id: `i${at}`,
  by: 'peer',
  content: { kind: 'text', text },
});
const part = (conversations: unknown[], items: unknown[]) => ({ name: 'part', value: { conversations, items } });

describe('an archive', () => {
  it('has its messages by time, and its conversations by their last', () => {
    const archive = archiveOf([
      head,
      part([talk(0), talk(1)], [said(5, 'later'), said(9, 'newest', 1)]),
      part([], [said(2, 'first'), { in: null, atMs: 3, unreadable: 'no-key' }]),
      { name: 'end', value: end },
    ]);
    expect(archive?.conversations.map(({ topic, items }) => [topic, items.map(wordsOf)])).toEqual([
      ['t1', ['newest']],
      ['t0', ['first', 'later']],
    ]);
    expect(archive).toMatchObject({ loose: 1, end });
  });

  it('without its end, or with something behind it, is not whole', () => {
    expect(archiveOf([head, part([talk(0)], [said(1, 'x')])])?.end).toBeNull();
    expect(archiveOf([head, { name: 'end', value: end }, part([], [])])?.end).toBeNull();
    expect(archiveOf([head, { name: 'end', value: { ...end, messages: '1' } }])?.end).toBeNull();
  });

  it('of another format, or of none, is none', () => {
    expect(archiveOf([])).toBeUndefined();
    expect(archiveOf([{ name: 'head', value: { ...head.value, format: 2 } }])).toBeUndefined();
    for (const wrong of [
      null,
      { conversations: [{ ...talk(0), peer: 7 }], items: [] },
      { conversations: [], items: [{ in: 0, atMs: 9e15, unreadable: 'x' }] },
      { conversations: [], items: [{ ...said(1, 'x'), content: { kind: 'text' } }] },
      { conversations: [], items: [{ ...said(1, 'x'), content: { kind: 'script', text: 'x' } }] },
      {
        conversations: [],
        items: [{ ...said(1, 'x'), content: { kind: 'attachment', name: 'a', type: '', data: 1 } }],
      },
    ])
      expect(archiveOf([head, { name: 'part', value: wrong }])).toBeUndefined();
  });

  it('R-J7 law: blocks of any kind never make it throw', () => {
    fc.assert(
      fc.property(
        fc.array(fc.record({ name: fc.constantFrom('head', 'part', 'end', 'words'), value: fc.jsonValue() })),
        (blocks) => {
          archiveOf([head, ...blocks]);
          archiveOf(blocksIn(blocks.map(({ name, value }) => blockOf(name as 'part', value)).join('')) ?? []);
        },
      ),
      { numRuns: 60 },
    );
  });

  it('is searched in every conversation, whatever the case of letters', () => {
    const archive = archiveOf([
      head,
      part([talk(0), talk(1)], [said(1, 'A Boat'), said(2, 'no'), said(3, 'boats', 1)]),
    ])!;
    const found = search(archive, ' BOAT ');
    expect(found).toHaveLength(2);
    expect(found[0]).toMatchObject({ at: 0, item: { id: 'i3' } });
    expect(search(archive, '  ')).toEqual([]);
    expect(attachmentsIn(archive)).toEqual([]);
  });
});

describe('the name of an attachment', () => {
  it('law: leads nowhere, hides nothing, and is never empty', () => {
    const nasty = fc.array(
      fc.constantFrom('..', '/', '\\', '\u202e', '\0', '\n', '\u200b', 'a', '.png', ':', ' ', '\ud800'),
    );
    fc.assert(
      fc.property(
        fc.oneof(
          fc.string({ unit: 'binary' }),
          nasty.map((pieces) => pieces.join('')),
        ),
        (name) => {
          const plain = fileNameOf(name);
          expect(plain).not.toMatch(/[/\\:*?"<>|\p{C}]|^\./u);
          expect(plain.length).toBeGreaterThan(0);
          expect(plain.length).toBeLessThanOrEqual(100);
        },
      ),
      { numRuns: 500 },
    );
    expect(fileNameOf('exe.\u202egnp')).toBe('exe. gnp');
    expect(fileNameOf('boat.png')).toBe('boat.png');
  });
});
