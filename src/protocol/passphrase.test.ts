// scrypt: the numbers of RFC 7914, one form of a passphrase, and an event loop that keeps turning.
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { bytesToHex, utf8ToBytes } from './bytes';
import { passphraseSecret, passphraseText } from './passphrase';

const salt = new Uint8Array(32).fill(5);
const cheap = { log2N: 4, r: 8, p: 1 };

describe('a secret from a passphrase', () => {
  it('is what RFC 7914 section 12 says', async () => {
    const first = await passphraseSecret('password', utf8ToBytes('NaCl'), { log2N: 10, r: 8, p: 16 });
    expect(bytesToHex(first)).toBe('fdbabe1c9d3472007856e7190d01e9fe7c6ad7cbc8237830e77376634b373162');
    const second = await passphraseSecret('pleaseletmein', utf8ToBytes('SodiumChloride'), { log2N: 14, r: 8, p: 1 });
    expect(bytesToHex(second)).toBe('7023bdcb3afd7348461c06cd81fd38ebfda8fbba904f8e3ea9b543f6545da1f2');
  });

  it('is the same however the words are composed or surrounded, and another for other words, salts and costs', async () => {
    const secret = await passphraseSecret('Zwölf schöne Boote', salt, cheap);
    expect(await passphraseSecret(' Zwo\u0308lf scho\u0308ne Boote\n', salt, cheap)).toEqual(secret);
    for (const other of ['zwölf schöne Boote', 'Zwölf schöne  Boote', 'Zwolf schone Boote']) {
      expect(await passphraseSecret(other, salt, cheap)).not.toEqual(secret);
    }
    expect(await passphraseSecret('Zwölf schöne Boote', new Uint8Array(32), cheap)).not.toEqual(secret);
    expect(await passphraseSecret('Zwölf schöne Boote', salt, { ...cheap, log2N: 5 })).not.toEqual(secret);
  });

  it('law: the form of a passphrase does not change when it is taken again', () => {
    fc.assert(fc.property(fc.string({ unit: 'grapheme' }), (text) => passphraseText(passphraseText(text)) === passphraseText(text)));
  });

  it('is refused for an unpaired surrogate and for costs that are none', async () => {
    await expect(passphraseSecret('\ud800', salt, cheap)).rejects.toMatchObject({ reason: 'bad-encoding' });
    for (const cost of [{ log2N: 0, r: 8, p: 1 }, { log2N: 1.5, r: 8, p: 1 }, { log2N: 40, r: 8, p: 1 }, { log2N: 4, r: 0, p: 1 }, { log2N: 4, r: 8, p: -1 }]) {
      await expect(passphraseSecret('words', salt, cost)).rejects.toThrow(RangeError);
    }
  });

  it('lets the event loop turn many times while it is made at full cost', async () => {
    let turns = 0;
    let isDone = false;
    const turn = (): void => {
      turns++;
      if (!isDone) setTimeout(turn, 0);
    };
    setTimeout(turn, 0);
    await passphraseSecret('the loop keeps turning', salt, { log2N: 17, r: 8, p: 1 });
    isDone = true;
    // In one piece it would be one turn at most; at ten milliseconds a piece there are dozens on any machine.
    expect(turns).toBeGreaterThan(5);
  });
});
