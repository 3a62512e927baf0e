// The schemas that more than one call is made of: each value of a boundary has one schema.
// Promises: what fits is bounded in length. Must not: hold a call; those are in pages and dapp.
import * as v from 'valibot';
import { accountText } from './address';
import { nameLength, originLength, typedSecretLength } from './limits';
import { isRpcAddress } from './origins';
import { pastedName } from './paste';
import { budgetPeriods, mostNames, mostUses, scopedCapabilities } from './scopes';

/** Names one safe: 16 bytes in hex. */
export const safeId = v.pipe(v.string(), v.regex(/^[0-9a-f]{32}$/));

/** Names one request: 16 bytes in hex. */
export const requestId = v.pipe(v.string(), v.regex(/^[0-9a-f]{32}$/));

export const origin = v.pipe(v.string(), v.maxLength(originLength));

/** The name of an identity as a person types or pastes it. */
export const name = v.pipe(v.string(), v.transform(pastedName), v.maxLength(nameLength));

/** Names an inbox of XMTP V3: 32 bytes in hex. */
export const inboxId = v.pipe(v.string(), v.regex(/^[0-9a-f]{64}$/));

/** The wallet's answer to personal_sign, as bytes; 64 or 65 are usable, others get `bad-signature`. */
export const signature = v.pipe(v.instance(Uint8Array), v.maxLength(4096));

/** A recovery code or a passphrase as typed. */
export const secretText = v.pipe(v.string(), v.maxLength(typedSecretLength));

/** What a person typed to confirm: an account or the id of an inbox, or its last four characters. */
export const typed = v.pipe(v.string(), v.maxLength(80));

/** For calls without parameters. */
export const none = v.optional(v.strictObject({}));

/** For calls about one safe. */
export const safe = v.strictObject({ safeId });

/** The address of a node, without a path. */
export const nodeUrl = v.pipe(v.string(), v.maxLength(300));

/** The address of a node of Ethereum, as `isRpcAddress` in origins has it. */
export const rpcUrl = v.pipe(v.string(), v.check(isRpcAddress));

/** Where the network is: a name and the address of a node, without a path. `local` is always http://localhost:5555. */
export const environment = v.strictObject({
  name: v.picklist(['local', 'custom']),
  url: nodeUrl,
});

export type Environment = v.InferOutput<typeof environment>;

/** How the person's wallet is reached: MetaMask (or a compatible extension) by id, or texts carried by hand. */
export const walletChoice = v.variant('kind', [
  v.strictObject({ kind: v.literal('extension'), extensionId: v.pipe(v.string(), v.maxLength(200)) }),
  v.strictObject({ kind: v.literal('manual') }),
]);

export type WalletChoice = v.InferOutput<typeof walletChoice>;

/** Names the credential of a passkey, as the browser gave it. */
export const credentialId = v.pipe(v.instance(Uint8Array), v.minLength(16), v.maxLength(1023));

/** What the PRF of a passkey is asked with, or what it gives. */
export const prfBytes = v.pipe(v.instance(Uint8Array), v.length(32));

/** What a person has to open one slot: the wallet's signature of the unlock text, the recovery code, the passphrase, or what the passkey's PRF gives. */
export const slotSecret = v.variant('kind', [
  v.strictObject({ kind: v.literal('wallet'), signature }),
  v.strictObject({ kind: v.literal('recovery-code'), code: secretText }),
  v.strictObject({ kind: v.literal('passphrase'), passphrase: secretText }),
  v.strictObject({ kind: v.literal('passkey'), prfSecret: prfBytes }),
]);

export type SlotSecret = v.InferOutput<typeof slotSecret>;

const nameList = <S extends v.GenericSchema<string>>(one: S) =>
  v.pipe(v.array(one), v.minLength(1), v.maxLength(mostNames));

/** Which conversations a capability reaches. */
export const scope = v.variant('of', [
  v.strictObject({ of: v.literal('all') }),
  v.strictObject({ of: v.literal('site') }),
  v.strictObject({ of: v.literal('peers'), peers: nameList(accountText) }),
  v.strictObject({
    of: v.literal('conversations'),
    topics: nameList(v.pipe(v.string(), v.minLength(1), v.maxLength(300))),
  }),
]);

/** A scope for some of the capabilities that have one. */
export const scopes = v.strictObject(
  Object.fromEntries(scopedCapabilities.map((one) => [one, v.optional(scope)])) as {
    [C in (typeof scopedCapabilities)[number]]: v.OptionalSchema<typeof scope, undefined>;
  },
);

/** How often something may be used. */
export const budget = v.strictObject({
  uses: v.pipe(v.number(), v.integer(), v.minValue(1), v.maxValue(mostUses)),
  per: v.picklist(budgetPeriods),
});
