// The method table of the provider: every name a dapp can call, with its schema, tier and capability.
// Promises: what is not a row does not exist; the tier column is copied into a test like a lock file (R-B1).
// Must not: know who calls or how a method is carried out. That is background/dapps/router.
import * as v from 'valibot';
import { accountText } from '../address';
import { capabilities, durations } from '../grants';
import { limits } from '../limits';
import { budget, inboxId, scopes } from '../schemas';

/** `open`: same answer for everyone. `granted`: needs a grant. `approved`: needs a grant and a decision, unless the grant remembers one. */
export type Tier = 'open' | 'granted' | 'approved';

const account = accountText;
const bytes = (max: number) => v.pipe(v.instance(Uint8Array), v.maxLength(max));
const wellFormed = v.check<string>((text) => !/\p{Surrogate}/u.test(text));
const noParams = v.optional(v.strictObject({}));
const forAccount = v.optional(v.strictObject({ account: v.optional(account) }));
const grant = v.strictObject({
  account,
  capabilities: v.array(v.picklist(capabilities)),
  duration: v.picklist(durations),
  grantedAtMs: v.number(),
  expiresAtMs: v.nullable(v.number()),
  /** Where each capability that reaches conversations may be used. */
  scopes,
  /** How often each may be used, and still may, of those that have a budget. */
  budgets: v.record(v.string(), v.strictObject({ ...budget.entries, left: v.number() })),
});

/** The `xmtp_*` methods: bytes of the keystore API's request message in, of its response message out (docs/provider-api.md). */
const xmtp = {
  params: v.strictObject({
    request: bytes(limits.requestBytes),
    account: v.optional(account),
    /** The list that this request is a part of: its items, and the SHA-256 of each part's `request`, one after the other. */
    whole: v.optional(
      v.strictObject({
        items: v.pipe(v.number(), v.integer(), v.minValue(1), v.maxValue(limits.wholeParts * limits.batchItems)),
        parts: bytes(32 * limits.wholeParts),
      }),
    ),
  }),
  result: v.instance(Uint8Array),
};

/** Every method of the provider. Names are literals; look-up is by own key only. */
export const methods = {
  vault_getCapabilities: {
    tier: 'open',
    capability: undefined,
    params: noParams,
    result: v.strictObject({
      version: v.string(),
      methods: v.record(v.string(), v.strictObject({ tier: v.string(), capability: v.nullable(v.string()) })),
      limits: v.record(v.string(), v.number()),
    }),
  },
  vault_connect: {
    tier: 'approved',
    capability: undefined,
    params: v.strictObject({
      capabilities: v.pipe(
        v.array(v.picklist(capabilities)),
        v.minLength(1),
        v.maxLength(capabilities.length),
        v.check((list) => new Set(list).size === list.length),
      ),
      duration: v.optional(v.picklist(durations)),
      /** Where the site wants to use each; what is left out it asks for everywhere. */
      scopes: v.optional(scopes),
    }),
    result: grant,
  },
  vault_accounts: { tier: 'open', capability: undefined, params: noParams, result: v.array(account) },
  vault_getPermissions: { tier: 'granted', capability: undefined, params: noParams, result: v.array(grant) },
  vault_disconnect: { tier: 'granted', capability: undefined, params: forAccount, result: v.null() },
  vault_getPublicKeyBundle: {
    tier: 'granted',
    capability: 'identity',
    params: forAccount,
    result: v.strictObject({
      account,
      signedPublicKeyBundle: v.instance(Uint8Array),
      publicKeyBundle: v.instance(Uint8Array),
    }),
  },
  vault_sign: {
    tier: 'approved',
    capability: 'sign',
    params: v.strictObject({
      payload: bytes(limits.signPayloadBytes),
      purpose: v.pipe(v.string(), v.minLength(1), v.maxLength(limits.purposeLength), wellFormed),
      account: v.optional(account),
    }),
    result: v.strictObject({
      signature: v.strictObject({ bytes: v.pipe(v.instance(Uint8Array), v.length(64)), recovery: v.picklist([0, 1]) }),
      signed: v.strictObject({
        version: v.literal(1),
        origin: v.string(),
        account,
        purpose: v.string(),
        issuedAtMs: v.number(),
        payload: v.instance(Uint8Array),
      }),
      signedPublicKeyBundle: v.instance(Uint8Array),
    }),
  },

  xmtp_createAuthToken: { tier: 'approved', capability: 'network.token', ...xmtp },
  xmtp_createInvite: { tier: 'approved', capability: 'messages.write', ...xmtp },
  xmtp_encryptV1: { tier: 'approved', capability: 'messages.write', ...xmtp },
  xmtp_encryptV2: { tier: 'approved', capability: 'messages.write', ...xmtp },
  xmtp_saveInvites: { tier: 'approved', capability: 'messages.read', ...xmtp },
  xmtp_decryptV1: { tier: 'approved', capability: 'messages.read', ...xmtp },
  xmtp_decryptV2: { tier: 'approved', capability: 'messages.read', ...xmtp },
  xmtp_getV1Conversations: { tier: 'approved', capability: 'messages.read', ...xmtp },
  xmtp_saveV1Conversations: { tier: 'approved', capability: 'messages.read', ...xmtp },
  xmtp_getV2Conversations: { tier: 'approved', capability: 'messages.read', ...xmtp },
  xmtp_getRefreshJob: { tier: 'granted', capability: 'messages.read', ...xmtp },
  xmtp_setRefreshJob: { tier: 'granted', capability: 'messages.read', ...xmtp },
  xmtp_getV2ConversationHmacKeys: { tier: 'approved', capability: 'notifications', ...xmtp },
  xmtp_selfEncrypt: { tier: 'approved', capability: 'preferences', ...xmtp },
  xmtp_selfDecrypt: { tier: 'approved', capability: 'preferences', ...xmtp },
  xmtp_getPrivatePreferencesTopicIdentifier: { tier: 'approved', capability: 'preferences', ...xmtp },
  xmtp_createPrivatePreference: { tier: 'approved', capability: 'preferences', ...xmtp },
  xmtp_getPrivatePreferences: { tier: 'approved', capability: 'preferences', ...xmtp },
  xmtp_savePrivatePreferences: { tier: 'approved', capability: 'preferences', ...xmtp },
  /** PublishRequest bytes of the message API in (envelopes), PublishResponse bytes out. Not a keystore method: it goes to the node. */
  xmtp_publish: { tier: 'approved', capability: 'messages.write', ...xmtp },

  /** The inbox key as signers of XMTP V3 name themselves. Makes the key if there is none. */
  xmtp_v3_getIdentifier: {
    tier: 'granted',
    capability: 'xmtp.v3',
    params: forAccount,
    result: v.strictObject({
      identifier: v.pipe(v.string(), v.regex(/^0x[0-9a-f]{40}$/)),
      /** "Ethereum" in the enumeration of XMTP V3. */
      identifierKind: v.literal(0),
    }),
  },
  /** EIP-191 over an identity text: r, s (low), v (27 or 28). */
  xmtp_v3_signIdentityText: {
    tier: 'approved',
    capability: 'xmtp.v3',
    params: v.strictObject({
      text: v.pipe(v.string(), v.minLength(1), v.maxLength(limits.identityTextLength)),
      account: v.optional(account),
    }),
    result: v.pipe(v.instance(Uint8Array), v.length(65)),
  },
  /** The key of an inbox's archives. `earlier`: 1 for the one before today's, and so on, for archives that were made with it. */
  xmtp_v3_getArchiveKey: {
    tier: 'approved',
    capability: 'xmtp.v3.archive',
    params: v.strictObject({
      inboxId,
      earlier: v.optional(v.pipe(v.number(), v.integer(), v.minValue(0), v.maxValue(limits.archiveKeys - 1))),
      account: v.optional(account),
    }),
    result: v.pipe(v.instance(Uint8Array), v.length(32)),
  },
} as const satisfies Record<
  string,
  {
    tier: Tier;
    capability: (typeof capabilities)[number] | undefined;
    params: v.GenericSchema;
    result: v.GenericSchema;
  }
>;

export type MethodName = keyof typeof methods;
export type MethodParams<M extends MethodName> = v.InferOutput<(typeof methods)[M]['params']>;
export type MethodResult<M extends MethodName> = v.InferOutput<(typeof methods)[M]['result']>;

/** One grant as a dapp sees it. `expiresAtMs` is null when the grant does not end by the clock. */
export type GrantView = MethodResult<'vault_connect'>;
export type VaultSignature = MethodResult<'vault_sign'>;
export type PublicKeyBundleResult = MethodResult<'vault_getPublicKeyBundle'>;

/** The methods that the vault's keystore answers. */
export type KeystoreMethod = Exclude<XmtpMethod, 'xmtp_publish'>;

/** The methods of XMTP V1 and V2: those of the keystore, and publishing. */
export type XmtpMethod = Exclude<Extract<MethodName, `xmtp_${string}`>, `xmtp_v3_${string}`>;

/** True when `name` is a row of the table; inherited names (`constructor`, `__proto__` …) are not. */
export function isMethodName(name: unknown): name is MethodName {
  return typeof name === 'string' && Object.hasOwn(methods, name);
}

/** What `vault_getCapabilities` answers. */
export const capabilitiesAnswer = (version: string): MethodResult<'vault_getCapabilities'> => ({
  version,
  methods: Object.fromEntries(
    Object.entries(methods).map(([name, row]) => [name, { tier: row.tier, capability: row.capability ?? null }]),
  ),
  limits: { ...limits },
});
