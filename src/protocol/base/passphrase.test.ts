// scrypt: the numbers of RFC 7914, one form of a passphrase, and an event loop that keeps turning.
import fc from 'fast-check';
import { afterEach, describe, expect, it, vi } from 'vitest';
import { holding } from '../testkit/copies-of.testkit';
import { scryptAsync as nativeScrypt } from '../testkit/native-scrypt.testkit';
import { bytesToHex, utf8ToBytes } from './bytes';
import { fileForm, fileForms, passphraseSecret, slotForms } from './passphrase';

const salt = new Uint8Array(32).fill(5);
const cheap = { log2N: 4, r: 8, p: 1 };
afterEach(() => {
  vi.restoreAllMocks();
});

describe('a secret from a passphrase', () => {
  it('is what RFC 7914 section 12 says', async () => {
    const first = await passphraseSecret('password', utf8ToBytes('NaCl'), { log2N: 10, r: 8, p: 16 });
    expect(bytesToHex(first)).toBe('fdbabe1c9d3472007856e7190d01e9fe7c6ad7cbc8237830e77376634b373162');
    const second = await passphraseSecret('pleaseletmein', utf8ToBytes('SodiumChloride'), { log2N: 14, r: 8, p: 1 });
    expect(bytesToHex(second)).toBe('7023bdcb3afd7348461c06cd81fd38ebfda8fbba904f8e3ea9b543f6545da1f2');
  });

  it('law: is what OpenSSL makes of the same text, salt and cost', async () => {
    const bytes = fc.uint8Array({ minLength: 1, maxLength: 40 });
    await fc.assert(
      fc.asyncProperty(
        fc.string({ unit: 'grapheme' }),
        bytes,
        fc.integer({ min: 1, max: 8 }),
        fc.nat(2),
        async (text, some, log2N, p) => {
          const r = 1 + ((some[0] ?? 0) % 8);
          const native = await nativeScrypt(utf8ToBytes(text), some, { N: 2 ** log2N, r, p: p + 1, dkLen: 32 });
          expect(await passphraseSecret(text, some, { log2N, r, p: p + 1 })).toEqual(native);
        },
      ),
    );
  });

  it('is that of exactly this text, and another for any other text, salt or cost', async () => {
    const secret = await passphraseSecret('Zwölf schöne Boote', salt, cheap);
    expect(await passphraseSecret('Zwölf schöne Boote', salt, cheap)).toEqual(secret);
    for (const other of [
      'zwölf schöne Boote',
      'Zwölf schöne  Boote',
      'Zwolf schone Boote',
      'Zwölf schöne Boote ',
      'Zwo\u0308lf scho\u0308ne Boote',
    ]) {
      expect(await passphraseSecret(other, salt, cheap)).not.toEqual(secret);
    }
    expect(await passphraseSecret('Zwölf schöne Boote', new Uint8Array(32), cheap)).not.toEqual(secret);
    expect(await passphraseSecret('Zwölf schöne Boote', salt, { ...cheap, log2N: 5 })).not.toEqual(secret);
  });

  it('is refused for an unpaired surrogate and for costs that are none', async () => {
    await expect(passphraseSecret('\ud800', salt, cheap)).rejects.toMatchObject({ reason: 'bad-encoding' });
    for (const cost of [
      { log2N: 0, r: 8, p: 1 },
      { log2N: 1.5, r: 8, p: 1 },
      { log2N: 40, r: 8, p: 1 },
      { log2N: 4, r: 0, p: 1 },
      { log2N: 4, r: 8, p: -1 },
    ]) {
      await expect(passphraseSecret('words', salt, cost)).rejects.toThrow(RangeError);
    }
  });

  it.each(['seven boats and a bell', 'seven boats and a bell, and Überfahrten'])(
    'R-D6 leaves no copy of the passphrase in memory: %s',
    async (typed) => {
      const piece = utf8ToBytes('seven boats and a bell');
      const made: Uint8Array[] = [];
      const Real = Uint8Array;
      vi.stubGlobal(
        'Uint8Array',
        new Proxy(Real, {
          construct(_, input) {
            const one = Reflect.construct(Real, input) as Uint8Array;
            made.push(one);
            return one;
          },
        }),
      );
      try {
        await passphraseSecret(typed, salt, cheap);
      } finally {
        vi.unstubAllGlobals();
      }
      expect(made.some((one) => one.length >= piece.length)).toBe(true);
      expect(holding(made, piece)).toEqual([]);
    },
  );

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

describe('what a typed passphrase may stand for', () => {
  it('in a slot: one form for all keyboards, then the one without blanks around it', () => {
    expect(slotForms('seven boats')).toEqual(['seven boats']);
    expect(slotForms(' ｓｅｖｅｎ\u3000boats ')).toEqual([' seven boats ', 'seven boats']);
    expect(slotForms('Zwo\u0308lf Boote')).toEqual(['Zwölf Boote']);
  });

  it('in a file: as typed, then NFC, NFD and NFKC, and the form of older files; a new file has NFC and nothing else changed', () => {
    expect(fileForms('seven boats')).toEqual(['seven boats']);
    expect(fileForms('Zwo\u0308lf ½ ')).toEqual(['Zwo\u0308lf ½ ', 'Zwölf ½ ', 'Zwölf 1⁄2 ', 'Zwölf 1⁄2']);
    expect(fileForm('Zwo\u0308lf ½ ﬁ ²\u3000 ')).toBe('Zwölf ½ ﬁ ²\u3000 ');
  });

  it('law: what is typed again opens what it made, in whichever normal form a system types it, and nothing is tried twice', () => {
    fc.assert(
      fc.property(fc.string({ unit: 'grapheme' }), fc.constantFrom('NFC', 'NFD'), (text, form) => {
        const [typedFirst, typedLater] = [text, text.normalize(form)];
        expect(fileForms(typedLater)).toContain(fileForm(typedFirst));
        expect(slotForms(typedLater)).toContain(slotForms(typedFirst)[0]);
        for (const forms of [fileForms(text), slotForms(text)]) expect(new Set(forms).size).toBe(forms.length);
        // Versions before 0.2 hashed this, in slots and in files.
        for (const forms of [fileForms(text), slotForms(text)]) expect(forms).toContain(text.normalize('NFKC').trim());
      }),
    );
  });
});
