// The rows of the provider's table: what each method does for a dapp, up to the point where a person is asked.
// Promises: P2: a method with a capability begins with a grant; an identity that is locked is asked to be unlocked, not told about.
// Must not: carry out what needs a decision (carry-out does), or answer a stranger differently because of what the vault holds (R-B6).
import { errorCode, ProviderError } from '../contract/errors';
import { stretchCapabilities, type Capability, type StretchCapability } from '../contract/grants';
import type { ShownRequest } from '../contract/internal';
import { limits } from '../contract/limits';
import { methods, type GrantView, type MethodName } from '../contract/methods';
import type { Grant } from '../vault/grants';
import type { Vault } from '../vault/vault';
import type { DappPublisher } from './dapp-publisher';
import type { Attached, Call, Outcome } from './dapp-request';
import type { KeyUse, XmtpMethod } from './key-use';
import type { UsageLog } from './usage-log';

export type DappMethods = { [M in MethodName]: (call: Call<M>) => Promise<Outcome> };

/** One grant as a dapp sees it. */
export const grantView = (grant: Grant): GrantView => ({
  account: grant.account,
  capabilities: [...grant.capabilities],
  duration: grant.duration,
  grantedAtMs: grant.grantedAtMs,
  expiresAtMs: grant.expiresAtMs,
});

const capabilitiesAnswer = (version: string) => ({
  version,
  methods: Object.fromEntries(
    Object.entries(methods).map(([name, row]) => [name, { tier: row.tier, capability: row.capability ?? null }]),
  ),
  limits: { ...limits },
});

export function createDappMethods(options: {
  vault: Vault;
  version: string;
  nowMs: () => number;
  use: KeyUse;
  usage: UsageLog;
  publisher: Pick<DappPublisher, 'describe'>;
  /** Records the request and shows it to the person, or says where it stands. */
  wait: (request: Attached, shown: ShownRequest, firstSeen: boolean) => Promise<Outcome>;
  /** An origin has ended its own grants. */
  revoked: (origin: string, except: string) => Promise<void>;
}): DappMethods {
  const { vault, nowMs, use, usage, publisher, wait, revoked } = options;
  const capabilities = capabilitiesAnswer(options.version);

  async function verifiedGrants({ dapp }: Attached): Promise<Grant[]> {
    return (await vault.grants.find(dapp.origin, dapp.documentKey)).filter((grant) => grant.verified);
  }

  /** The grant a call is made under: the asked account or the newest; an unlocked identity before a locked one. */
  async function grantFor({ dapp, id }: Attached, capability: Capability, account: string | undefined): Promise<Grant> {
    const grants = (await vault.grants.find(dapp.origin, dapp.documentKey, id)).filter(
      (grant) =>
        grant.capabilities.includes(capability) &&
        (account === undefined || grant.account.toLowerCase() === account.toLowerCase()),
    );
    const grant = grants.find((one) => one.verified) ?? grants[0];
    if (!grant) throw new ProviderError(errorCode.unauthorized);
    return grant;
  }

  async function waitForUnlock(request: Attached, grant: Grant): Promise<Outcome> {
    return await wait(
      request,
      { kind: 'unlock', safeId: grant.safeId, account: grant.account, method: request.method },
      false,
    );
  }

  /** A record that asked for an unlock, or for a stretch of time, has done its work once its request can be answered without a person. */
  async function dropSettledRecord(request: Attached): Promise<void> {
    const waiting = await vault.approvals.get(request.id);
    const kind = waiting?.shown?.kind;
    if (waiting?.state === 'waiting' && (kind === 'unlock' || kind === 'messages')) await vault.approvals.finish(waiting.id);
  }

  /** Every `xmtp_*` row: a stretch of time that a person gave, or a card; a blind signature always asks. */
  function xmtpHandler<M extends XmtpMethod>(method: M): (call: Call<M>) => Promise<Outcome> {
    const { capability, tier } = methods[method];
    return async ({ request, params }) => {
      const grant = await grantFor(request, capability, params.account);
      if (!grant.verified) return await waitForUnlock(request, grant);
      const { safeId, account } = grant;
      if (!isStretch(capability)) {
        return await wait(request, { kind: 'digest', safeId, account, digestHex: vault.keystore.digestOf(params.request) }, false);
      }
      if (tier === 'granted' || vault.grants.remembers(grant, capability)) {
        await dropSettledRecord(request);
        const outcome = await use.runXmtp(request, method, capability, safeId);
        usage.count(safeId, request.dapp.origin, method);
        return outcome;
      }
      const facts =
        method === 'xmtp_publish'
          ? await publisher.describe(safeId, request.dapp.documentKey, params.request)
          : await vault.keystore.describe(safeId, method, params.request);
      return await wait(request, { kind: 'messages', safeId, account, capability, method, facts }, false);
    };
  }

  return {
    vault_getCapabilities: async () => ({ result: capabilities }),

    vault_accounts: async ({ request }) => ({ result: (await verifiedGrants(request)).map((grant) => grant.account) }),

    vault_getPermissions: async ({ request }) => {
      const grants = await vault.grants.find(request.dapp.origin, request.dapp.documentKey);
      if (grants.length === 0) throw new ProviderError(errorCode.unauthorized);
      return { result: grants.filter((grant) => grant.verified).map(grantView) };
    },

    vault_disconnect: async ({ request, params }) => {
      const { origin } = request.dapp;
      const grants = (await vault.grants.find(origin, request.dapp.documentKey)).filter(
        (grant) => params?.account === undefined || grant.account.toLowerCase() === params.account.toLowerCase(),
      );
      if (grants.length === 0) throw new ProviderError(errorCode.unauthorized);
      for (const grant of grants) {
        await vault.grants.revoke(origin, grant.safeId);
        use.log(grant.safeId, { method: request.method, origin }, '', 'done');
      }
      await revoked(origin, request.id);
      return { result: null };
    },

    vault_connect: async ({ request, params }) => {
      const before = await vault.grants.find(request.dapp.origin);
      return await wait(
        request,
        { kind: 'connect', capabilities: params.capabilities, duration: params.duration ?? null },
        before.length === 0,
      );
    },

    vault_getPublicKeyBundle: async ({ request, params }) => {
      const grant = await grantFor(request, 'identity', params?.account);
      if (!grant.verified) return await waitForUnlock(request, grant);
      await dropSettledRecord(request);
      const { safeId } = await vault.grants.use(request.dapp.origin, grant.safeId, 'identity', request.dapp.documentKey);
      return { result: await vault.keys.publicBundles(safeId, request.dapp.documentKey) };
    },

    vault_sign: async ({ request, params }) => {
      const grant = await grantFor(request, 'sign', params.account);
      if (!grant.verified) return await waitForUnlock(request, grant);
      if (vault.grants.remembers(grant, 'sign')) {
        await dropSettledRecord(request);
        const outcome = await use.sign(request, request.id, grant, nowMs());
        use.log(grant.safeId, { method: request.method, origin: request.dapp.origin }, params.purpose, 'done');
        return outcome;
      }
      const { safeId, account } = grant;
      return await wait(request, { kind: 'sign', safeId, account, purpose: params.purpose, payload: params.payload }, false);
    },

    xmtp_createAuthToken: xmtpHandler('xmtp_createAuthToken'),
    xmtp_createInvite: xmtpHandler('xmtp_createInvite'),
    xmtp_encryptV1: xmtpHandler('xmtp_encryptV1'),
    xmtp_encryptV2: xmtpHandler('xmtp_encryptV2'),
    xmtp_saveInvites: xmtpHandler('xmtp_saveInvites'),
    xmtp_decryptV1: xmtpHandler('xmtp_decryptV1'),
    xmtp_decryptV2: xmtpHandler('xmtp_decryptV2'),
    xmtp_getV1Conversations: xmtpHandler('xmtp_getV1Conversations'),
    xmtp_saveV1Conversations: xmtpHandler('xmtp_saveV1Conversations'),
    xmtp_getV2Conversations: xmtpHandler('xmtp_getV2Conversations'),
    xmtp_getRefreshJob: xmtpHandler('xmtp_getRefreshJob'),
    xmtp_setRefreshJob: xmtpHandler('xmtp_setRefreshJob'),
    xmtp_getV2ConversationHmacKeys: xmtpHandler('xmtp_getV2ConversationHmacKeys'),
    xmtp_selfEncrypt: xmtpHandler('xmtp_selfEncrypt'),
    xmtp_selfDecrypt: xmtpHandler('xmtp_selfDecrypt'),
    xmtp_getPrivatePreferencesTopicIdentifier: xmtpHandler('xmtp_getPrivatePreferencesTopicIdentifier'),
    xmtp_createPrivatePreference: xmtpHandler('xmtp_createPrivatePreference'),
    xmtp_getPrivatePreferences: xmtpHandler('xmtp_getPrivatePreferences'),
    xmtp_savePrivatePreferences: xmtpHandler('xmtp_savePrivatePreferences'),
    xmtp_publish: xmtpHandler('xmtp_publish'),
    xmtp_signDigest: xmtpHandler('xmtp_signDigest'),
  };
}

function isStretch(capability: Capability): capability is StretchCapability {
  return (stretchCapabilities as readonly Capability[]).includes(capability);
}
