// Names of ENS: nodes as EIP-137 prints them, questions as contracts know them, and answers read whole or not at all.
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { bytesToHex, hexToBytes, utf8ToBytes } from '../base/bytes';
import { reasonOf as refusal } from '../testkit/refusal.testkit';
import { bytesOfData, decodeAddress, decodeText, encodeQuestion, longestEnsName, nodeOf, reverseNodeOf } from './names';

const word = (hex: string) => hexToBytes(hex.padStart(64, '0'));
const bytes = (...parts: Uint8Array[]) => new Uint8Array(parts.flatMap((part) => [...part]));
const text = (utf8: Uint8Array) =>
  bytes(word('20'), word(utf8.length.toString(16)), utf8, new Uint8Array((32 - (utf8.length % 32)) % 32));

describe('the node of a name', () => {
  it('is what EIP-137 prints for its examples', () => {
    expect(bytesToHex(nodeOf(''))).toBe('0'.repeat(64));
    expect(bytesToHex(nodeOf('eth'))).toBe('93cdeb708b7545dc668eb9280176169d1c33cfd8ed6f04690a0bcc88a93fc4ae');
    expect(bytesToHex(nodeOf('foo.eth'))).toBe('de9b09fd7c5f901e23a3f19fecc54828e9c848539801e86591bd9801b019f84f');
  });

  it('of an account is below addr.reverse, whatever its capitals', () => {
    const account = '0x70997970C51812dc3A010C7d01b50e0d17dc79C8';
    const node = nodeOf('70997970c51812dc3a010c7d01b50e0d17dc79c8.addr.reverse');
    expect(reverseNodeOf(account)).toEqual(node);
    expect(reverseNodeOf(account.toLowerCase())).toEqual(node);
  });

  it('is none where a label is empty', () => {
    for (const name of ['.eth', 'a..eth', 'eth.', '.'])
      expect(
        refusal(() => nodeOf(name)),
        name,
      ).toBe('bad-encoding');
  });
});

describe('a question', () => {
  it('begins with the four bytes by which contracts know it', () => {
    const of = (question: Parameters<typeof encodeQuestion>[0]) => bytesToHex(encodeQuestion(question, nodeOf('eth')));
    expect(of('resolver').slice(0, 8)).toBe('0178b8bf');
    expect(of('name').slice(0, 8)).toBe('691f3431');
    expect(of('addr').slice(0, 8)).toBe('3b3b57de');
    expect(of('addr').slice(8)).toBe(bytesToHex(nodeOf('eth')));
  });
});

describe('an answer', () => {
  it('is an address, or that of nothing, or refused', () => {
    const account = '0x70997970C51812dc3A010C7d01b50e0d17dc79C8';
    expect(decodeAddress(word(account.slice(2)))).toBe(account);
    expect(decodeAddress(word(''))).toBeUndefined();
    for (const bad of [new Uint8Array(), word('').subarray(1), bytes(word(''), word('')), word('ff'.repeat(21))])
      expect(refusal(() => decodeAddress(bad))).toBe('bad-encoding');
  });

  it('law: a text is read back as it was', () => {
    fc.assert(
      fc.property(fc.string({ unit: 'grapheme', maxLength: 60 }), (name) => {
        const utf8 = utf8ToBytes(name);
        fc.pre(utf8.length <= longestEnsName);
        expect(decodeText(text(utf8))).toBe(name);
      }),
    );
  });

  it('law: any bytes are a text in its one spelling, or refused', () => {
    fc.assert(
      fc.property(
        fc.oneof(
          fc.uint8Array({ maxLength: 160 }),
          fc.uint8Array({ maxLength: 70 }).map((inside) => text(inside)),
        ),
        (answer) => {
          const read = refusal(() => decodeText(answer));
          if (read === 'accepted') expect(text(utf8ToBytes(decodeText(answer)))).toEqual(answer);
          else expect(read).toBe('bad-encoding');
        },
      ),
      { numRuns: 1_000 },
    );
  });

  it('is refused where it is too long, ends elsewhere, or says an endless length', () => {
    const whole = text(utf8ToBytes('ada.eth'));
    const bad = [
      whole.subarray(0, -1),
      bytes(whole, word('')),
      text(new Uint8Array(longestEnsName + 1)),
      bytes(word('40'), word(''), word('')),
      bytes(word('20'), word('f'.repeat(64))),
      bytes(whole.subarray(0, -1), Uint8Array.of(1)),
      text(Uint8Array.of(0xc0, 0x80)),
    ];
    for (const answer of bad) expect(refusal(() => decodeText(answer))).toBe('bad-encoding');
  });

  it('comes as hex with its 0x', () => {
    expect(bytesOfData('0xAb00')).toEqual(Uint8Array.of(0xab, 0));
    expect(bytesOfData('0x')).toEqual(new Uint8Array());
    for (const bad of ['', 'ab', '0xa', '0xzz', '0x0x', ' 0xab'])
      expect(
        refusal(() => bytesOfData(bad)),
        bad,
      ).toBe('bad-encoding');
  });
});
