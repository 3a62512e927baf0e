// For tests only: the real client as the oracle, and a pool of identities made from fixed seeds so that failures repeat.
// Promises that the keys exist once on our side and once as objects of the real client, from the same private bytes.
// Must not be imported by anything but tests.
import { createRequire } from 'node:module';
import { secp256k1 } from '@noble/curves/secp256k1.js';
import { sha256 } from '@noble/hashes/sha2.js';
import type * as ReferenceClient from '@xmtp/xmtp-js';
import type * as ReferenceProto from '@xmtp/proto';
import type { PrivateKeyBundleV1 } from '../keys/bundles';
import { bytesToHex, concatBytes, utf8ToBytes } from '../base/bytes';
import { addressOf, eip191Digest, normaliseWalletSignature } from '../base/ethereum';
import { createIdentityKey, createIdentityTextOf, createPreKey, signIdentityKey } from '../keys/keys';
import { remembered } from './remembering.testkit';

// Plain node cannot import these packages as ES modules, their CommonJS builds work.
const require = createRequire(import.meta.url);

/** The real client, 13.0.4. */
export const reference = require('@xmtp/xmtp-js') as typeof ReferenceClient;
// Its curve is the slowest of all here, and every one of several clients verifies the same message: what was computed once is the same every time.
const theirCurve = createRequire(require.resolve('@xmtp/xmtp-js'))('@noble/secp256k1') as Record<string, () => unknown>;
if (!('isRemembered' in theirCurve)) {
  for (const name of ['getPublicKey', 'getSharedSecret', 'recoverPublicKey', 'verify'])
    theirCurve[name] = remembered(theirCurve[name]!);
  Object.defineProperty(theirCurve, 'isRemembered', { value: true });
}

/** The field's message codecs. */
export const referenceProto = require('@xmtp/proto') as typeof ReferenceProto;

/** What the codecs of the field call a 64-bit number. */
export type Long = Parameters<typeof reference.PrivateKey.prototype.timestamp.add>[0] & object;
const LongClass = require('long') as { fromString(text: string, unsigned: boolean): never };

/** A 64-bit number for the codecs of the field. */
export function long(value: bigint): never {
  return LongClass.fromString(value.toString(), true);
}

/** 32 bytes that follow from a name. */
export function seed(name: string): Uint8Array {
  return sha256(utf8ToBytes(name));
}

/** A deterministic wallet as MetaMask (first v 27) or Ledger (first v 0) behaves; `signer` is the real client's interface. */
export interface TestWallet {
  readonly address: string;
  sign(text: string): Uint8Array;
  readonly signer: { getAddress(): Promise<string>; signMessage(text: string): Promise<string> };
}

/** A wallet made from a name. */
export function testWallet(name: string, firstV: 0 | 27 = 27): TestWallet {
  const privateKey = seed(`wallet ${name}`);
  const address = addressOf(secp256k1.getPublicKey(privateKey, false));
  const asked = new Map<string, Uint8Array>();
  const sign = (text: string): Uint8Array => {
    const before = asked.get(text);
    if (before) return before;
    const signed = secp256k1.sign(eip191Digest(text), privateKey, { prehash: false, format: 'recovered' });
    const signature = concatBytes(signed.slice(1), Uint8Array.of((signed[0] as number) + firstV));
    asked.set(text, signature);
    return signature;
  };
  return {
    address,
    sign,
    signer: { getAddress: async () => address, signMessage: async (text) => `0x${bytesToHex(sign(text))}` },
  };
}

/** Private bytes and times of an identity, prekeys newest first. */
export interface IdentitySeeds {
  readonly wallet: TestWallet;
  readonly identityPrivateKey: Uint8Array;
  readonly identityCreatedMs: bigint;
  readonly preKeys: readonly { readonly privateKey: Uint8Array; readonly createdMs: bigint }[];
}

/** Our bundle of these seeds. */
export function ourBundle(seeds: IdentitySeeds): PrivateKeyBundleV1 {
  const unsigned = createIdentityKey({ privateKey: seeds.identityPrivateKey, createdMs: seeds.identityCreatedMs });
  const identityKey = signIdentityKey(
    unsigned,
    normaliseWalletSignature(seeds.wallet.sign(createIdentityTextOf(unsigned))),
  );
  const preKeys = seeds.preKeys.map((preKey) =>
    createPreKey({ ...preKey, identityPrivateKey: seeds.identityPrivateKey }),
  );
  return { identityKey, preKeys };
}

/** The real client's bundle of these seeds, made by its own classes. */
export async function theirBundle(seeds: IdentitySeeds): Promise<ReferenceClient.PrivateKeyBundleV1> {
  const identityKey = theirKey(seeds.identityPrivateKey, seeds.identityCreatedMs);
  await identityKey.publicKey.signWithWallet(seeds.wallet.signer as never);
  const preKeys = seeds.preKeys.map(({ privateKey, createdMs }) => theirKey(privateKey, createdMs));
  for (const preKey of preKeys) await identityKey.signKey(preKey.publicKey);
  return new reference.PrivateKeyBundleV1({ identityKey, preKeys } as never);
}

/** An unsigned key pair of the real client. */
export function theirKey(privateKey: Uint8Array, createdMs: bigint): ReferenceClient.PrivateKey {
  const publicKey = {
    timestamp: long(createdMs),
    secp256k1Uncompressed: { bytes: secp256k1.getPublicKey(privateKey, false) },
  };
  return new reference.PrivateKey({ timestamp: long(createdMs), secp256k1: { bytes: privateKey }, publicKey } as never);
}

/** One identity on both sides. */
export interface TestIdentity {
  readonly seeds: IdentitySeeds;
  readonly ours: PrivateKeyBundleV1;
  readonly theirs: ReferenceClient.PrivateKeyBundleV1;
}

/** Identities number 0 to `count - 1`, always the same; every third has three prekeys. */
export async function identityPool(count: number): Promise<TestIdentity[]> {
  const pool: TestIdentity[] = [];
  for (let i = 0; i < count; i++) {
    const seeds: IdentitySeeds = {
      wallet: testWallet(`of identity ${i}`, i % 2 === 0 ? 27 : 0),
      identityPrivateKey: seed(`identity ${i}`),
      identityCreatedMs: 1_600_000_000_000n + BigInt(i),
      preKeys: Array.from({ length: i % 3 === 0 ? 3 : 1 }, (_, k) => ({
        privateKey: seed(`prekey ${i} ${k}`),
        createdMs: 1_700_000_000_000n - BigInt(k),
      })),
    };
    pool.push({ seeds, ours: ourBundle(seeds), theirs: await theirBundle(seeds) });
  }
  return pool;
}
