// Keys as other clients of the field wrote them: one bundle in every form, and nothing else taken for keys.
import { armor } from 'age-encryption';
import fc from 'fast-check';
import { describe, expect, it, vi } from 'vitest';
import {
  decodePrivateKeyBundleV1,
  encodePrivateKeyBundle,
  encodePrivateKeyBundleV1,
  encodePrivateKeyBundleV2,
  legacyToV2PrivateKeyBundle,
} from '../../protocol/keys/bundles';
import { holding, watchBytes } from '../../protocol/testkit/copies-of.testkit';
import { backupFileOf, backupOf, bundleFor, copyOf } from '../testkit/copies.testkit';
import { keyReadings } from './key-file';
import { bundleOfKeyFile } from './foreign-bundle';
import { mostPrekeys } from './bundle';
import { createTestWallet } from '../testkit/vault.testkit';
import type { KeyWriting } from '../../contract/pages/backup';

const wallet = createTestWallet();
const bundle = bundleFor(wallet, 'ada', 3);
const bare = encodePrivateKeyBundleV1(bundle);
const versioned = encodePrivateKeyBundle({ version: 1, bundle });
const utf8 = (text: string) => new Uint8Array(Buffer.from(text));
const base64 = (bytes: Uint8Array) => Buffer.from(bytes).toString('base64');
const hex = (bytes: Uint8Array) => Buffer.from(bytes).toString('hex');
/** What web clients put into localStorage: a character of U+0000 to U+00FF for each byte. */
const binary = (bytes: Uint8Array) => Buffer.from(bytes).toString('binary');

const forms: [string, KeyWriting, (bytes: Uint8Array) => Uint8Array][] = [
  ['bytes', 'bytes', (bytes) => bytes],
  ['base64', 'base64', (bytes) => utf8(base64(bytes))],
  ['base64 in lines', 'base64', (bytes) => utf8(`${base64(bytes).replaceAll(/(.{64})/g, '$1\r\n')}\n`)],
  ['base64 behind a byte order mark', 'base64', (bytes) => utf8(`\ufeff${base64(bytes)}`)],
  ['base64 in UTF-16', 'base64', (bytes) => new Uint8Array(Buffer.from(`\ufeff${base64(bytes)}`, 'utf16le'))],
  ['base64 without padding', 'base64', (bytes) => utf8(base64(bytes).replaceAll('=', ''))],
  ['base64url', 'base64', (bytes) => utf8(Buffer.from(bytes).toString('base64url'))],
  ['base64 in quotes', 'base64', (bytes) => utf8(JSON.stringify(base64(bytes)))],
  ['hex', 'hex', (bytes) => utf8(hex(bytes))],
  ['hex with 0x', 'hex', (bytes) => utf8(` 0x${hex(bytes).toUpperCase()}\n`)],
  ['a binary string', 'binary-text', (bytes) => utf8(binary(bytes))],
  ['a binary string from an editor', 'binary-text', (bytes) => utf8(`\ufeff${binary(bytes)}\r\n`)],
  [
    'a binary string in UTF-16',
    'binary-text',
    (bytes) => new Uint8Array(Buffer.from(`\ufeff${binary(bytes)}`, 'utf16le')),
  ],
  ['a binary string in JSON', 'binary-text', (bytes) => utf8(JSON.stringify(binary(bytes)))],
  ['a list of numbers', 'numbers', (bytes) => utf8(JSON.stringify([...bytes], null, 2))],
  ['a list of numbers in a string', 'numbers', (bytes) => utf8(JSON.stringify(JSON.stringify([...bytes])))],
  ['an array as an object', 'numbers', (bytes) => utf8(JSON.stringify(Uint8Array.from(bytes)))],
  ['a buffer', 'numbers', (bytes) => utf8(JSON.stringify(Buffer.from(bytes)))],
  ['an array as text', 'numbers', (bytes) => utf8(bytes.toString())],
];

describe('keys of another client', () => {
  it.each(forms)('are found written as %s, bare and versioned', (_name, writing, write) => {
    for (const [bytes, isBare] of [
      [versioned, false],
      [bare, true],
    ] as const) {
      expect(bundleOfKeyFile(write(bytes))).toEqual({
        bundleSecret: bare,
        account: wallet.account,
        found: { writing, isBare },
      });
    }
  });

  it.each(forms)('are checked as strictly written as %s as any other', (_name, _writing, write) => {
    const [stranger, broken] = [bundleFor(createTestWallet(9), 'mallory'), versioned.slice()];
    broken[broken.length - 1] = (broken[broken.length - 1] as number) ^ 1;
    const mixed = encodePrivateKeyBundleV1({ ...bundle, preKeys: stranger.preKeys });
    expect(() => bundleOfKeyFile(write(mixed))).toThrow(
      expect.objectContaining({ reason: 'unusable-copy', detail: 'bad-signatures' }),
    );
    expect(() =>
      bundleOfKeyFile(write(encodePrivateKeyBundle({ version: 1, bundle: { ...bundle, preKeys: [] } }))),
    ).toThrow(expect.objectContaining({ reason: 'unusable-copy', detail: 'no-prekey' }));
    expect(() => bundleOfKeyFile(write(broken))).toThrow(
      expect.objectContaining({ reason: expect.stringMatching(/^(unusable-copy|bad-file)$/) }),
    );
    const v2 = encodePrivateKeyBundle({ version: 2, bundle: legacyToV2PrivateKeyBundle(bundle) });
    expect(() => bundleOfKeyFile(write(v2))).toThrow(
      expect.objectContaining({ reason: 'bad-file', detail: 'second-format' }),
    );
    const sealed = copyOf(wallet, bundle).message;
    expect(() => bundleOfKeyFile(write(sealed))).toThrow(
      expect.objectContaining({ reason: 'bad-file', detail: 'sealed-by-wallet' }),
    );
  });

  it('are told apart from everything that is not keys', async () => {
    const file = await backupFileOf(backupOf(wallet, bundle));
    const many = encodePrivateKeyBundleV1({
      ...bundle,
      preKeys: Array.from({ length: mostPrekeys + 1 }, () => bundle.preKeys[0]!),
    });
    const cases: [Uint8Array, string][] = [
      [file, 'encrypted'],
      [utf8(armor.encode(file)), 'encrypted'],
      [many, 'too-many-keys'],
      [encodePrivateKeyBundleV2(legacyToV2PrivateKeyBundle(bundle)), 'not-keys'],
      ...[
        '',
        '{',
        '[]',
        '{}',
        '[256]',
        '[-1]',
        '[1.5]',
        '"',
        '""',
        'null',
        '1,2,3',
        '0x',
        'zz',
        '{"0":1,"2":3}',
        '{"data":"x"}',
      ].map((text): [Uint8Array, string] => [utf8(text), 'not-keys']),
    ];
    for (const [bytes, detail] of cases)
      expect(() => bundleOfKeyFile(bytes)).toThrow(expect.objectContaining({ reason: 'bad-file', detail }));
  });

  it('law: any file is keys that check, or refused by its name', () => {
    const piece = fc.oneof(
      fc.constantFrom(
        base64(versioned).slice(0, 200),
        hex(bare),
        binary(bare),
        JSON.stringify([...versioned]),
        '"',
        '[',
        '{',
        ',',
        '\ufeff',
        '\n',
      ),
      fc.string(),
    );
    fc.assert(
      fc.property(fc.array(piece, { maxLength: 4 }), (pieces) => {
        try {
          // The same bundle twice in a row is, as protobuf says, that bundle with each prekey told twice.
          const found = decodePrivateKeyBundleV1(bundleOfKeyFile(utf8(pieces.join(''))).bundleSecret);
          expect(found.identityKey).toEqual(bundle.identityKey);
          for (const preKey of found.preKeys) expect(bundle.preKeys).toContainEqual(preKey);
        } catch (error) {
          expect(error).toMatchObject({ reason: 'bad-file' });
        }
      }),
    );
  });

  it.each([
    ['that are found', `\ufeff${base64(bare)}`],
    ['that are no keys', `\ufeff${base64(bare).slice(0, -40)}`],
    ['of which a character has no byte', `\ufeff${base64(bare)}\u2028`],
  ])('leave no narrowed copy of a file in UTF-16 in memory, %s', (_what, text) => {
    const file = new Uint8Array(Buffer.from(text, 'utf16le'));
    const piece = new Uint8Array(Buffer.from(base64(bare).slice(20, 60), 'latin1'));
    const made = watchBytes();
    try {
      bundleOfKeyFile(file);
    } catch {
      // Refused: what is left behind is looked at all the same.
    }
    vi.unstubAllGlobals();
    vi.restoreAllMocks();
    expect(made.length).toBeGreaterThan(1);
    expect(holding(made, piece)).toEqual([]);
  });

  it('are not looked for in a text longer than any bundle', () => {
    const long = utf8(`"${'A'.repeat(4 * 1024 * 1024)}"`);
    expect([...keyReadings(long)].map(({ writing }) => writing)).toEqual(['bytes']);
  });
});
