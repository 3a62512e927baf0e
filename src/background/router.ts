// The gate: one request of a dapp from its row in the method table to its answer.
// Promises: P2: no key is used before a person, or a grant that person gave, says so. P3: what waits is a record; this file only
// keeps the frames whose documents are connected now, and the relay sends them again after a restart.
// Must not: trust anything but the classified sender; answer a stranger differently because of what the vault holds (R-B6).
import * as v from 'valibot';
import { errorCode, KeystoreRefusal, ProviderError, rejected, VaultError, type ErrorShape } from '../contract/errors';
import { stretchCapabilities, type Capability, type StretchCapability } from '../contract/grants';
import type { ApprovalCard, ShownRequest } from '../contract/internal';
import { limits } from '../contract/limits';
import { isMethodName, methods, type GrantView, type KeystoreMethod, type MethodName, type MethodParams } from '../contract/methods';
import { plainDefect } from '../contract/plain';
import type { ApprovalRecord } from '../vault/approvals';
import type { Grant } from '../vault/grants';
import type { Vault } from '../vault/vault';
import { requestDigest } from './digest';
import type { Dapp } from './sender';
import { createUsageLog } from './usage-log';

/** One request as it stands in memory while its document is connected. */
export interface Attached {
  id: string;
  method: string;
  params: unknown;
  dapp: Dapp;
  answer: (outcome: { result: unknown } | { error: ErrorShape }) => void;
}

/** The request stays open: a record waits for a person. */
const waits = Symbol('waits');
type Outcome = typeof waits | { result: unknown };

interface Call<M extends MethodName> {
  request: Attached;
  params: MethodParams<M>;
}

export interface Router {
  /** Routes a request, new or sent again. Settles its own errors; never throws. */
  handle(request: Attached): Promise<void>;
  /** The document is gone: its requests are forgotten and their records cancelled. */
  documentGone(documentKey: string): Promise<void>;
  /** A decision was recorded: answers whoever is connected. */
  settle(record: ApprovalRecord): Promise<void>;
  /** Ends records whose time is over and answers their pages. Returns when the next one ends, in milliseconds since 1970. */
  expireDue(): Promise<number | undefined>;
  /** After a restart: ends what waits for documents that did not come back. */
  reap(): Promise<void>;
  /** Routes again what waited for an unlock. */
  unlocked(): Promise<void>;
  /** Answers the open requests of an origin that lost its grants. */
  revoked(origin: string): Promise<void>;
  /** Rejects what waits (of one origin). */
  rejectAll(origin?: string): Promise<void>;
  /** What this document may know about its grants now. */
  stateOf(dapp: Dapp): Promise<{ accounts: string[]; permissions: GrantView[] }>;
}

const capabilitiesAnswer = (version: string) => ({
  version,
  methods: Object.fromEntries(
    Object.entries(methods).map(([name, row]) => [name, { tier: row.tier, capability: row.capability ?? null }]),
  ),
  limits: { ...limits },
});

export function createRouter(options: {
  vault: Vault;
  version: string;
  nowMs: () => number;
  /**
   * Shows the person what waits: one window, the badge. `isNew` is false for a request that was sent again; it needs showing only
   * when the worker before died between recording and showing it.
   */
  present: (record: ApprovalRecord, isNew: boolean) => Promise<void>;
}): Router {
  const { vault, nowMs, present } = options;
  const capabilities = capabilitiesAnswer(options.version);
  const attached = new Map<string, Attached>();
  const usage = createUsageLog({ vault, nowMs });
  /** Records this very worker is carrying out. What a dead worker began is begun again. */
  const running = new Set<string>();

  const view = (grant: Grant): GrantView => ({
    account: grant.account,
    capabilities: [...grant.capabilities],
    duration: grant.duration,
    grantedAtMs: grant.grantedAtMs,
    expiresAtMs: grant.expiresAtMs,
  });
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

  async function wait(request: Attached, shown: ShownRequest, firstSeen: boolean): Promise<Outcome> {
    const { dapp, id, method } = request;
    const digest = await requestDigest(dapp.origin, method, request.params);
    const { state, isNew, record } = await vault.approvals.submit({
      id,
      origin: dapp.origin,
      documentKey: dapp.documentKey,
      method,
      digest,
      shown,
      firstSeen,
    });
    if (state === 'gone') throw rejected('superseded');
    if (state === 'waiting') await present(record, isNew);
    return standing(state, record);
  }

  function standing(state: Exclude<ApprovalRecord['state'], 'executing'>, record: ApprovalRecord): Outcome {
    if (state === 'waiting') return waits;
    if (state !== 'approved') throw rejected(state);
    void settle(record).catch(() => undefined);
    return waits;
  }

  /** Where a request that was sent again stands, when it was decided already: its grant may be spent by now. */
  async function decidedBefore(request: Attached): Promise<Outcome | undefined> {
    const { dapp, id, method, params } = request;
    const known = await vault.approvals.get(id);
    if (!known || known.state === 'waiting' || known.origin !== dapp.origin) return undefined;
    const isSame =
      known.documentKey === dapp.documentKey && known.method === method && known.digest === (await requestDigest(dapp.origin, method, params));
    if (!isSame) throw rejected('superseded');
    return standing(known.state === 'executing' ? 'approved' : known.state, known);
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

  /** `requestId` is the one that a 'once' grant is spent for: the approved record's, or the request's own. */
  async function sign(request: Attached, requestId: string, grant: Grant, issuedAtMs: number): Promise<{ result: unknown }> {
    const { payload, purpose } = request.params as MethodParams<'vault_sign'>;
    const { origin, documentKey } = request.dapp;
    const { safeId, duration } = await vault.grants.use(origin, grant.safeId, 'sign', documentKey, requestId);
    const result = await vault.keys.sign(safeId, { origin, purpose, payload, issuedAtMs });
    // Spent before the signature is released, and for this request only, so that a restart can still finish it.
    if (duration === 'once') await vault.grants.consumeOnce(origin, safeId, requestId);
    return { result };
  }

  const record = (safeId: string, request: { method: string; origin: string }, purpose: string, outcome: 'done' | 'rejected' | 'expired' | 'failed') =>
    // The log must not hold up an answer; a log that cannot be written must not take back what was done.
    void vault.activity
      .append(safeId, { atMs: nowMs(), origin: request.origin, method: request.method, purpose, outcome })
      .catch(() => undefined);

  /** One call of the keystore, under a grant that was just checked. */
  async function runKeystore(request: Attached, method: KeystoreMethod, capability: Capability, safe: string): Promise<{ result: unknown }> {
    const { origin, documentKey } = request.dapp;
    const { safeId } = await vault.grants.use(origin, safe, capability, documentKey, request.id);
    const { request: bytes } = request.params as MethodParams<KeystoreMethod>;
    return { result: await vault.keystore.run(safeId, method, bytes, { documentKey, nowMs: nowMs() }) };
  }

  /** Every `xmtp_*` row: a stretch of time that a person gave, or a card; a blind signature always asks. */
  function keystoreHandler<M extends KeystoreMethod>(method: M): (call: Call<M>) => Promise<Outcome> {
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
        const outcome = await runKeystore(request, method, capability, safeId);
        usage.count(safeId, request.dapp.origin, method);
        return outcome;
      }
      const facts = await vault.keystore.describe(safeId, method, params.request);
      return await wait(request, { kind: 'messages', safeId, account, capability, method, facts }, false);
    };
  }

  const handlers: { [M in MethodName]: (call: Call<M>) => Promise<Outcome> } = {
    vault_getCapabilities: async () => ({ result: capabilities }),

    vault_accounts: async ({ request }) => ({ result: (await stateOf(request.dapp)).accounts }),

    vault_getPermissions: async ({ request }) => {
      const grants = await vault.grants.find(request.dapp.origin, request.dapp.documentKey);
      if (grants.length === 0) throw new ProviderError(errorCode.unauthorized);
      return { result: grants.filter((grant) => grant.verified).map(view) };
    },

    vault_disconnect: async ({ request, params }) => {
      const { origin } = request.dapp;
      const grants = (await vault.grants.find(origin, request.dapp.documentKey)).filter(
        (grant) => params?.account === undefined || grant.account.toLowerCase() === params.account.toLowerCase(),
      );
      if (grants.length === 0) throw new ProviderError(errorCode.unauthorized);
      for (const grant of grants) {
        await vault.grants.revoke(origin, grant.safeId);
        record(grant.safeId, { method: request.method, origin }, '', 'done');
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
      return { result: await vault.keys.publicBundles(safeId) };
    },

    vault_sign: async ({ request, params }) => {
      const grant = await grantFor(request, 'sign', params.account);
      if (!grant.verified) return await waitForUnlock(request, grant);
      if (vault.grants.remembers(grant, 'sign')) {
        await dropSettledRecord(request);
        const outcome = await sign(request, request.id, grant, nowMs());
        record(grant.safeId, { method: request.method, origin: request.dapp.origin }, params.purpose, 'done');
        return outcome;
      }
      const { safeId, account } = grant;
      return await wait(request, { kind: 'sign', safeId, account, purpose: params.purpose, payload: params.payload }, false);
    },

    xmtp_createAuthToken: keystoreHandler('xmtp_createAuthToken'),
    xmtp_createInvite: keystoreHandler('xmtp_createInvite'),
    xmtp_encryptV1: keystoreHandler('xmtp_encryptV1'),
    xmtp_encryptV2: keystoreHandler('xmtp_encryptV2'),
    xmtp_saveInvites: keystoreHandler('xmtp_saveInvites'),
    xmtp_decryptV1: keystoreHandler('xmtp_decryptV1'),
    xmtp_decryptV2: keystoreHandler('xmtp_decryptV2'),
    xmtp_getV1Conversations: keystoreHandler('xmtp_getV1Conversations'),
    xmtp_saveV1Conversations: keystoreHandler('xmtp_saveV1Conversations'),
    xmtp_getV2Conversations: keystoreHandler('xmtp_getV2Conversations'),
    xmtp_getRefreshJob: keystoreHandler('xmtp_getRefreshJob'),
    xmtp_setRefreshJob: keystoreHandler('xmtp_setRefreshJob'),
    xmtp_getV2ConversationHmacKeys: keystoreHandler('xmtp_getV2ConversationHmacKeys'),
    xmtp_selfEncrypt: keystoreHandler('xmtp_selfEncrypt'),
    xmtp_selfDecrypt: keystoreHandler('xmtp_selfDecrypt'),
    xmtp_getPrivatePreferencesTopicIdentifier: keystoreHandler('xmtp_getPrivatePreferencesTopicIdentifier'),
    xmtp_createPrivatePreference: keystoreHandler('xmtp_createPrivatePreference'),
    xmtp_getPrivatePreferences: keystoreHandler('xmtp_getPrivatePreferences'),
    xmtp_savePrivatePreferences: keystoreHandler('xmtp_savePrivatePreferences'),
    xmtp_signDigest: keystoreHandler('xmtp_signDigest'),
  };

  /** Runs an approved record for every connected request that shares it. */
  async function carryOut(id: string): Promise<void> {
    if (running.has(id)) return;
    running.add(id);
    try {
      const known = await vault.approvals.get(id);
      if (!known || (known.state !== 'approved' && known.state !== 'executing')) return;
      // After a restart the joined frames come back one by one, within a moment.
      for (let tries = 0; tries < 5 && known.requestIds.some((one) => !attached.has(one)); tries++)
        await new Promise((resolve) => setTimeout(resolve, 20));
      const requests = known.requestIds.flatMap((one) => attached.get(one) ?? []);
      // Nobody is connected: the approval stays until a frame comes back or its time is over.
      if (requests.length === 0) return;
      const first = requests[0]!;
      // What was shown is what runs: the digest is of the very parameters that are carried out now (R-C3).
      const digest = await requestDigest(first.dapp.origin, first.method, first.params);
      const begun = await vault.approvals.begin(id, digest);
      if (!begun) {
        for (const request of requests) finish(request, { error: rejected('interrupted').toShape() });
        return;
      }
      let outcome: { result: unknown } | { error: ErrorShape };
      try {
        outcome = await execute(begun, first);
      } catch (error) {
        outcome = { error: toShape(error) };
      }
      for (const request of requests) finish(request, outcome);
      await vault.approvals.finish(id);
    } finally {
      running.delete(id);
    }
  }

  async function execute(approved: ApprovalRecord, request: Attached): Promise<{ result: unknown }> {
    const { decision, origin, documentKey } = approved;
    const decidedAtMs = approved.decidedAtMs ?? nowMs();
    if (decision?.kind === 'connect') {
      const { safeId, capabilities: given, duration, remember } = decision;
      const grant = await vault.grants.put({ origin, safeId, capabilities: given, duration, documentKey, requestId: approved.id, remember });
      record(safeId, { method: request.method, origin }, given.join(', '), 'done');
      return { result: view(grant) };
    }
    if (decision?.kind === 'sign' && approved.shown?.kind === 'sign') {
      const { safeId, purpose } = approved.shown;
      const grant = (await vault.grants.find(origin, documentKey, approved.id)).find((one) => one.safeId === safeId);
      if (!grant) throw new ProviderError(errorCode.unauthorized);
      try {
        const outcome = await sign(request, approved.id, grant, decidedAtMs);
        if (decision.remember && grant.duration !== 'once') await vault.grants.remember(origin, safeId, 'sign', decision.remember);
        record(safeId, { method: request.method, origin }, purpose, 'done');
        return outcome;
      } catch (error) {
        record(safeId, { method: request.method, origin }, purpose, 'failed');
        throw error;
      }
    }
    if (decision?.kind === 'messages' && approved.shown?.kind === 'messages') {
      const { safeId, capability, facts } = approved.shown;
      await vault.grants.remember(origin, safeId, capability, decision.remember);
      const outcome = await runKeystore(request, request.method as KeystoreMethod, capability, safeId);
      record(safeId, { method: request.method, origin }, `${capability}: ${facts.items}`, 'done');
      void rerouteRemembered(origin, safeId, capability).catch(() => undefined);
      return outcome;
    }
    if (decision?.kind === 'digest' && approved.shown?.kind === 'digest') {
      const { safeId, digestHex } = approved.shown;
      const outcome = await runKeystore(request, 'xmtp_signDigest', 'sign.digest', safeId);
      record(safeId, { method: request.method, origin }, digestHex, 'done');
      return outcome;
    }
    throw rejected('interrupted');
  }

  /** One decision answers the whole burst: what waits for the same stretch of the same origin goes on without a card of its own. */
  async function rerouteRemembered(origin: string, safeId: string, capability: StretchCapability): Promise<void> {
    await reroute((card) => card.origin === origin && card.shown.kind === 'messages' && card.shown.safeId === safeId && card.shown.capability === capability);
  }

  function finish(request: Attached, outcome: { result: unknown } | { error: ErrorShape }): void {
    // Only the frame that is connected now is answered, and only once.
    if (attached.get(request.id) !== request) return;
    attached.delete(request.id);
    request.answer(outcome);
  }

  async function handle(request: Attached): Promise<void> {
    attached.set(request.id, request);
    try {
      const outcome = await route(request);
      if (outcome !== waits) finish(request, outcome);
    } catch (error) {
      finish(request, { error: toShape(error) });
    }
  }

  async function route(request: Attached): Promise<Outcome> {
    const { method } = request;
    // Test builds only: the same path without the work, for `npm run bench`.
    if (__TEST_HOOKS__ && method === 'test_echo') return { result: request.params };
    if (!isMethodName(method)) throw new ProviderError(errorCode.unsupported);
    const defect = plainDefect(request.params);
    if (defect) throw new ProviderError(defect === 'size' ? errorCode.limitExceeded : errorCode.invalidParams);
    const parsed = v.safeParse(methods[method].params, request.params, { abortEarly: true });
    if (!parsed.success) {
      const field = v.getDotPath(parsed.issues[0]);
      throw new ProviderError(errorCode.invalidParams, field === null ? undefined : { field: field.slice(0, 60) });
    }
    // One call through a union of handlers: the table guarantees that the parameters belong to the method.
    const handler = handlers[method] as (call: Call<MethodName>) => Promise<Outcome>;
    const checked = { ...request, params: parsed.output };
    const decided = methods[method].tier === 'approved' ? await decidedBefore(checked) : undefined;
    return decided ?? (await handler({ request: checked, params: parsed.output } as Call<MethodName>));
  }

  async function settle(decided: ApprovalRecord): Promise<void> {
    if (decided.state === 'rejected') {
      answerAll(decided, rejected('rejected'));
      await logRefusal(decided, 'rejected');
    } else await carryOut(decided.id);
  }

  function answerAll(ended: ApprovalRecord, error: ProviderError): void {
    for (const id of ended.requestIds) {
      const request = attached.get(id);
      if (request) finish(request, { error: error.toShape() });
    }
  }

  async function logRefusal(ended: ApprovalRecord, outcome: 'rejected' | 'expired'): Promise<void> {
    const { shown } = ended;
    if (!shown || shown.kind === 'unlock') return;
    // A refused connection concerns no identity in particular: it is logged with the first that is open.
    const safeId = shown.kind !== 'connect' ? shown.safeId : (await vault.state()).identities.find((one) => one.status === 'unlocked')?.safeId;
    if (safeId === undefined) return;
    record(safeId, ended, purposeOf(shown), outcome);
  }

  async function documentGone(documentKey: string): Promise<void> {
    for (const request of attached.values()) if (request.dapp.documentKey === documentKey) attached.delete(request.id);
    await vault.approvals.cancelDocument(documentKey);
    await vault.grants.documentGone(documentKey);
  }

  async function expireDue(): Promise<number | undefined> {
    const { expired, nextMs } = await vault.approvals.expireDue();
    for (const one of expired) {
      answerAll(one, rejected(one.state === 'interrupted' ? 'interrupted' : 'expired'));
      if (one.state === 'expired') await logRefusal(one, 'expired');
    }
    return nextMs;
  }

  async function reap(): Promise<void> {
    for (const card of await vault.approvals.list()) {
      const waiting = await vault.approvals.get(card.id);
      if (waiting && !waiting.requestIds.some((id) => attached.has(id))) await vault.approvals.cancelDocument(waiting.documentKey);
    }
  }

  /** Routes again the connected requests of some waiting cards. All ids first: answering one may remove the record that several share. */
  async function reroute(isMeant: (card: ApprovalCard) => boolean): Promise<void> {
    const ids = (await vault.approvals.list()).filter(isMeant).map((card) => card.id);
    const records = await Promise.all(ids.map((id) => vault.approvals.get(id)));
    for (const id of records.flatMap((one) => one?.requestIds ?? [])) {
      const request = attached.get(id);
      if (request) await handle(request);
    }
  }

  const unlocked = () => reroute((card) => card.shown.kind === 'unlock');

  async function revoked(origin: string, except?: string): Promise<void> {
    const cancelled = await vault.approvals.cancelOrigin(origin);
    for (const one of cancelled) answerAll(one, new ProviderError(errorCode.unauthorized));
    for (const request of attached.values())
      if (request.dapp.origin === origin && request.id !== except && isMethodName(request.method) && methods[request.method].capability !== undefined)
        finish(request, { error: new ProviderError(errorCode.unauthorized).toShape() });
  }

  async function rejectAll(origin?: string): Promise<void> {
    for (const one of await vault.approvals.rejectAll(origin)) {
      answerAll(one, rejected('rejected'));
      await logRefusal(one, 'rejected');
    }
  }

  async function stateOf(dapp: Dapp): Promise<{ accounts: string[]; permissions: GrantView[] }> {
    const grants = (await vault.grants.find(dapp.origin, dapp.documentKey)).filter((grant) => grant.verified);
    return { accounts: grants.map((grant) => grant.account), permissions: grants.map(view) };
  }

  return { handle, documentGone, settle, expireDue, reap, unlocked, revoked, rejectAll, stateOf };
}

function isStretch(capability: Capability): capability is StretchCapability {
  return (stretchCapabilities as readonly Capability[]).includes(capability);
}

/** What a request was for, in the log: never a payload. */
function purposeOf(shown: Exclude<ShownRequest, { kind: 'unlock' }>): string {
  switch (shown.kind) {
    case 'connect':
      return shown.capabilities.join(', ');
    case 'sign':
      return shown.purpose;
    case 'messages':
      return `${shown.capability}: ${shown.facts.items}`;
    case 'digest':
      return shown.digestHex;
  }
}

/** What a page may learn of an error: the fixed list, or "internal" without detail. */
export function toShape(error: unknown): ErrorShape {
  if (error instanceof ProviderError) return error.toShape();
  if (error instanceof KeystoreRefusal) return new ProviderError(errorCode.invalidParams, { keystoreCode: error.keystoreCode }).toShape();
  if (error instanceof VaultError) {
    if (error.reason === 'limit') return new ProviderError(errorCode.limitExceeded).toShape();
    if (error.reason === 'locked' || error.reason === 'stale') return rejected('interrupted').toShape();
    if (error.reason === 'not-found') return new ProviderError(errorCode.unauthorized).toShape();
  }
  return new ProviderError(errorCode.internal).toShape();
}
