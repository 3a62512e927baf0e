// The rows of the provider's table: what each method does for a dapp, up to the point where a person is asked.
// Promises: P2: a method with a capability begins with a grant; an identity that is locked is asked to be unlocked, not told about.
// Must not: carry out what needs a decision (execute-approval does), or answer a stranger differently because of what the vault holds (R-B6).
import { errorCode, ProviderError, rejected, VaultError } from '../../contract/errors';
import { isTimed, type Capability, type TimedCapability } from '../../contract/grants';
import type { ShownRequest } from '../../contract/pages/approvals';
import type { Scope } from '../../contract/scopes';
import { capabilitiesAnswer, methods, type MethodName, type XmtpMethod } from '../../contract/dapp/methods';
import { isGivenBy } from '../../vault/consent/connection';
import { grantView } from '../../vault/consent/grant-view';
import type { Grant } from '../../vault/consent/grants';
import type { Vault } from '../../vault/vault';
import type { DappPublisher } from '../network/dapp-publisher';
import type { Attached, Call, Outcome } from './request';
import { hasBudget, scopeIn, withinOf, type KeyUse, type PartUse } from './using/key-use';
import type { OpenRequests } from './open-requests';
import type { UsageLog } from './using/usage-log';
import { givenBy, isUndeclared, mustBeDeclared, partOf, sizeOf, type Wholes } from './using/wholes';

export type DappMethods = { [M in MethodName]: (call: Call<M>) => Promise<Outcome> };

export function createDappMethods(options: {
  vault: Vault;
  version: string;
  nowMs: () => number;
  use: KeyUse;
  usage: UsageLog;
  publisher: Pick<DappPublisher, 'describe' | 'fix'>;
  open: OpenRequests;
  wholes: Wholes;
  /** Records the call and shows it to the person, or says where it stands. `shown` is made only when there is room for one more card. */
  wait: (call: Call, shown: () => ShownRequest | Promise<ShownRequest>, firstSeen: boolean) => Promise<Outcome>;
}): DappMethods {
  const { vault, nowMs, use, usage, publisher, open, wait, wholes } = options;
  const capabilities = capabilitiesAnswer(options.version);

  async function verifiedGrants({ dapp }: Attached): Promise<Grant[]> {
    return (await vault.grants.find(dapp.origin, dapp.documentKey)).filter((grant) => grant.verified);
  }

  /**
   * The grant a call is made under: the asked account or the newest; an unlocked identity before a locked one. `orSpent`: also one whose capability was
   * used as often as it was given.
   */
  async function grantFor(
    { dapp, id }: Attached,
    capability: Capability,
    account: string | undefined,
    orSpent = false,
  ): Promise<Grant> {
    const gives = ({ capabilities: held, bounds }: Grant) =>
      held.includes(capability) || (orSpent && bounds.some((one) => one.capability === capability));
    const grants = (await vault.grants.find(dapp.origin, dapp.documentKey, id)).filter(
      (grant) => gives(grant) && (account === undefined || grant.account.toLowerCase() === account.toLowerCase()),
    );
    const grant = grants.find((one) => one.verified) ?? grants[0];
    if (!grant) throw new ProviderError(errorCode.unauthorized);
    return grant;
  }

  function waitForUnlock(call: Call, { safeId, account }: Grant): Promise<Outcome> {
    return wait(call, () => ({ kind: 'unlock', safeId, account, method: call.method }), false);
  }

  /**
   * A record has done its work once its request can be answered without a person; what it showed of a node still counts. A token's is never
   * dropped: a token always asks.
   */
  async function dropSettledRecord({ request, hasNoRecord }: Call): Promise<void> {
    if (hasNoRecord) return;
    const waiting = await vault.approvals.get(request.id);
    if (waiting?.state !== 'waiting' || waiting.shown?.kind === 'token') return;
    const nodeUrl = waiting.shown?.kind === 'messages' ? waiting.shown.facts.nodeUrl : undefined;
    if (nodeUrl !== undefined) await publisher.fix(waiting.requestIds, { origin: waiting.origin, nodeUrl });
    await vault.approvals.finish(waiting.id);
  }

  /** Waits when this would be far more than the site usually uses of what it need not ask for; undefined: it may go on. */
  async function braked(
    call: Call,
    { safeId, account }: Grant,
    capability: TimedCapability | 'sign',
    items: number,
  ): Promise<Outcome | undefined> {
    const { origin } = call.request.dapp;
    const facts = await vault.volume.take({ safeId, origin, capability }, items, call.isLetThrough);
    return facts ? await wait(call, () => ({ kind: 'volume', safeId, account, facts }), false) : undefined;
  }

  /** Every `xmtp_*` row: a time that a person gave, or a card; a token always asks. */
  function xmtpHandler<M extends XmtpMethod>(method: M): (call: Call<M>) => Promise<Outcome> {
    const { capability, tier } = methods[method];
    return async (call) => {
      const { request, params } = call;
      // The later parts of a list are the use that was the last one.
      const grant = await grantFor(request, capability, params.account, params.whole !== undefined);
      if (!grant.verified) return await waitForUnlock(call, grant);
      const { safeId, account } = grant;
      if (!isTimed(capability)) {
        // A token reaches everything, whatever else was narrowed: no card for what would not be given.
        if (grant.bounds.some(({ scope }) => scope !== null && scope.of !== 'all'))
          throw new ProviderError(errorCode.unauthorized);
        const describe = () => vault.keystore.describe(safeId, 'xmtp_createAuthToken', params.request);
        // What could not be made is refused before anybody is asked.
        return await wait(call, () => describe().then(() => ({ kind: 'token', safeId, account })), false);
      }
      const toBeDeclared = isUndeclared(method, params);
      const part = toBeDeclared ? undefined : await partOf(method, params);
      const run = async (parts?: readonly Scope[], is: PartUse['is'] = 'first', isAsked = tier === 'granted') => {
        // What a person answered on a card is not what nobody is asked about.
        const paused = isAsked ? undefined : await braked(call, grant, capability, sizeOf(method, params.request));
        if (paused) return paused;
        await dropSettledRecord(call);
        const how = { ...(parts && { parts }), part: part && { part, is } };
        const outcome = await use.runXmtp(call, method, capability, safeId, how);
        usage.count(safeId, request.dapp.origin, method);
        return outcome;
      };
      const { origin, documentKey } = request.dapp;
      const given = givenBy(grant);
      const whose = { origin, documentKey, safeId, sessionId: grant.sessionId, capability, method, given };
      const taken = part && wholes.take(whose, part, request.id);
      if (taken) return await run(taken.within, 'later', taken.isAsked);
      if (!grant.capabilities.includes(capability)) throw new ProviderError(errorCode.unauthorized);
      const isAnswered = tier === 'granted' || vault.grants.remembers(grant, capability);
      // Before anybody sees a card for a piece of it, or a piece counts as a use.
      if (toBeDeclared && (!isAnswered || hasBudget(grant, capability))) throw mustBeDeclared();
      if (isAnswered) return await run();
      const by = { origin: request.dapp.origin, within: withinOf(grant, capability) };
      // Answered in parts, or narrower than everything: it may be that nobody has to be asked about this one.
      const parts = vault.grants.rememberedScopes(grant, capability);
      const scope = scopeIn(grant, capability);
      if (scope !== null && (parts.length > 0 || scope.of !== 'all'))
        if (await vault.keystore.isCovered(safeId, method, params.request, by, parts)) return await run(parts);
      const describe = () =>
        method === 'xmtp_publish'
          ? publisher.describe(safeId, { ...by, documentKey: request.dapp.documentKey }, params.request)
          : vault.keystore.describe(safeId, method, params.request, by);
      const facts = async () => {
        const told = await describe();
        if (!part) return told;
        const { items, parts: number, digest } = part;
        return { ...told, whole: { items, parts: number, digest } };
      };
      return await wait(
        call,
        async () => ({ kind: 'messages', safeId, account, capability, method, facts: await facts(), within: scope }),
        false,
      );
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
      await open.revoked(origin, request.id);
      return { result: null };
    },

    vault_connect: async (call) => {
      const { request, params } = call;
      const { origin, documentKey } = request.dapp;
      const given = (await vault.grants.find(origin, documentKey)).filter((grant) => isGivenBy(grant, params));
      const grant = given.find((one) => one.verified) ?? given[0];
      if (grant && !grant.verified) return await waitForUnlock(call, grant);
      if (grant) {
        await dropSettledRecord(call);
        /** It may have been revoked, or another by now: then the site asks again. */
        const mayLeave = async () => {
          const now = (await vault.grants.find(origin, documentKey)).find(({ safeId }) => safeId === grant.safeId);
          if (!now?.verified || givenBy(now) !== givenBy(grant)) throw rejected('interrupted');
        };
        return { result: grantView(grant), mayLeave };
      }
      const isFirst = (await vault.grants.find(origin)).length === 0;
      const { capabilities: asked, duration = null, scopes } = params;
      return await wait(
        call,
        () => ({ kind: 'connect', capabilities: asked, duration, ...(scopes && { scopes }) }),
        isFirst,
      );
    },

    vault_getPublicKeyBundle: async (call) => {
      const { request, params } = call;
      const grant = await grantFor(request, 'identity', params?.account);
      if (!grant.verified) return await waitForUnlock(call, grant);
      await dropSettledRecord(call);
      return await use.publicBundles(call, grant.safeId);
    },

    vault_sign: async (call) => {
      const { request, params } = call;
      const grant = await grantFor(request, 'sign', params.account);
      if (!grant.verified) return await waitForUnlock(call, grant);
      if (vault.grants.remembers(grant, 'sign')) {
        const paused = await braked(call, grant, 'sign', 1);
        if (paused) return paused;
        await dropSettledRecord(call);
        const outcome = await use.sign(call, request.id, grant, nowMs());
        use.log(grant.safeId, { method: request.method, origin: request.dapp.origin }, params.purpose, 'covered');
        return outcome;
      }
      const { safeId, account } = grant;
      return await wait(
        call,
        () => ({ kind: 'sign', safeId, account, purpose: params.purpose, payload: params.payload }),
        false,
      );
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

    xmtp_v3_getIdentifier: async (call) => {
      const { request, params } = call;
      const grant = await grantFor(request, 'xmtp.v3', params?.account);
      if (!grant.verified) return await waitForUnlock(call, grant);
      await dropSettledRecord(call);
      return await use.identifier(call, grant.safeId);
    },

    xmtp_v3_signIdentityText: async (call) => {
      const { request, params } = call;
      const grant = await grantFor(request, 'xmtp.v3', params.account);
      if (!grant.verified) return await waitForUnlock(call, grant);
      const { safeId, account } = grant;
      const { origin } = request.dapp;
      // Judged by when it came: a person may take minutes to unlock, and the page's text is no older for it.
      const arrivedAtMs = call.arrivedAtMs ?? nowMs();
      const describe = () => vault.inboxes.describe(safeId, { text: params.text, origin, arrivedAtMs });
      return await wait(call, async () => ({ kind: 'v3', safeId, account, facts: await describe() }), false);
    },

    xmtp_v3_getArchiveKey: async (call) => {
      const { request, params } = call;
      const grant = await grantFor(request, 'xmtp.v3.archive', params.account);
      if (!grant.verified) return await waitForUnlock(call, grant);
      const { safeId, account } = grant;
      const { inboxId, earlier = 0 } = params;
      const describe = () =>
        vault.inboxes.describeArchive(safeId, { inboxId, earlier }).catch((error: unknown) => {
          const isTooEarly = error instanceof VaultError && error.reason === 'invalid-input';
          throw isTooEarly ? new ProviderError(errorCode.invalidParams, { field: 'earlier' }) : error;
        });
      return await wait(call, async () => ({ kind: 'archive', safeId, account, facts: await describe() }), false);
    },
  };
}
