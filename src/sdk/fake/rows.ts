// The rows of the provider's table for a fake vault: what each method answers, or what the person has to be asked first.
// Promises the tiers, grants and errors of docs/provider-api.md. Must not decide for the person, or keep what waits.
import { errorCode, ProviderError, rejected } from '../../contract/errors';
import { isTimed, type Capability, type Duration } from '../../contract/grants';
import { capabilitiesAnswer, methods, type MethodName, type MethodParams } from '../../contract/dapp/methods';
import { ProtocolError } from '../../protocol/base/errors';
import { decodePublishRequest, publishTopicOf } from '../../protocol/keystore/publish';
import { grantView } from '../../vault/consent/grant-view';
import type { Grant } from '../../vault/consent/grants-api';
import type { KeystoreMethodName } from '../types';
import type { FakeAnswer, FakeCard } from './cards';
import type { FakeGrants, Given } from './grants';
import type { FakeIdentity } from './identity';
import { invalid, unauthorized } from './refusals';

/** A checked request. */
export interface Call<M extends MethodName = MethodName> {
  method: M;
  params: MethodParams<M>;
}

/** What a request comes to: an answer, or a card and what happens when the person approves it. */
export type Outcome = { result: unknown } | { card: FakeCard; approved: (answer: FakeAnswer) => unknown };

/** What a test gives the fake for messages. */
export interface FakeMessaging {
  readonly keystore?:
    | ((method: KeystoreMethodName, request: Uint8Array, account: string) => Uint8Array | Promise<Uint8Array>)
    | undefined;
  published: { contentTopic: string; timestampNs: bigint; message: Uint8Array; account: string }[];
  /** What is wrong with the node, if anything. */
  network: 'none' | 'unreachable' | 'refused' | 'bad-answer' | 'changed' | undefined;
}

export function createFakeRows(options: {
  origin: string;
  nowMs: () => number;
  identities: readonly FakeIdentity[];
  grants: FakeGrants;
  messaging: FakeMessaging;
  unlock: (identity: FakeIdentity) => void;
  /** Grants were given back: what waits is over. */
  gaveBack: () => void;
}): (call: Call) => Outcome {
  const { origin, nowMs, identities, grants, messaging, unlock, gaveBack } = options;
  const of = ({ safeId }: Grant): FakeIdentity => identities.find(({ id }) => id === safeId)!;

  /** A card that asks to unlock; the request then goes on by itself. */
  const locked = (call: Call, grant: Grant): Outcome => ({
    card: { kind: 'unlock', account: grant.account, method: call.method },
    approved: () => unlock(of(grant)),
  });

  /** Under a grant with this capability, of an identity that is open: at once, or when a person has approved the card. */
  function under(
    call: Call,
    capability: Capability,
    account: string | undefined,
    act: (identity: FakeIdentity) => unknown,
    cardOf?: (identity: FakeIdentity) => FakeCard,
  ): Outcome {
    const grant = grants.findFor(capability, account);
    if (!grant.verified) return locked(call, grant);
    const use = () => {
      const now = grants.find().find(({ safeId }) => safeId === grant.safeId);
      if (!now?.capabilities.includes(capability)) throw unauthorized();
      if (!now.verified) throw rejected('interrupted');
      grants.use(now, capability);
      return act(of(now));
    };
    if (!cardOf || grants.remembers(grant, capability)) return { result: use() };
    return {
      card: cardOf(of(grant)),
      approved(answer) {
        const isTold = answer === 'until-locked' || (answer === 'approve' && capability !== 'sign');
        if (isTold && (capability === 'sign' || isTimed(capability))) grants.remember(grant, capability);
        return use();
      },
    };
  }

  function connected(call: Call<'vault_connect'>, answer: FakeAnswer): unknown {
    const { capabilities, duration, scopes } = call.params;
    const { account, ...given } = typeof answer === 'object' ? answer.connect : {};
    const identity = identities.find(
      (one) => account === undefined || one.account.toLowerCase() === account.toLowerCase(),
    );
    if (!identity) throw new Error(`The fake vault has no identity ${account}.`);
    unlock(identity);
    const full: Given = {
      capabilities: given.capabilities ?? capabilities,
      duration: given.duration ?? duration ?? ('until-locked' satisfies Duration),
      scopes: { ...scopes, ...given.scopes } as Given['scopes'],
      budgets: given.budgets as Given['budgets'],
    };
    const beyond = full.capabilities.find((one) => !capabilities.includes(one));
    if (beyond !== undefined || full.capabilities.length === 0)
      throw new Error(`A person gives some of what was asked for: ${beyond ?? 'nothing'} is not.`);
    return grantView(grants.put(identity, { capabilities, duration, scopes }, full));
  }

  /** Any `xmtp_*` method of V1 and V2. */
  function messages(call: Call<KeystoreMethodName | 'xmtp_publish'>): Outcome {
    const { method, params } = call;
    const { tier, capability } = methods[method];
    const act = ({ account }: FakeIdentity) =>
      method === 'xmtp_publish' ? publish(params.request, account) : keystore(method, params.request, account);
    const cardOf = ({ account }: FakeIdentity): FakeCard =>
      capability === 'network.token'
        ? { kind: 'token', account }
        : { kind: 'messages', account, capability, method, request: params.request.slice() };
    if (capability === 'network.token' && isNarrowed(grants.findFor(capability, params.account))) throw unauthorized();
    return under(call, capability, params.account, act, tier === 'approved' ? cardOf : undefined);
  }

  const isNarrowed = ({ bounds }: Grant) => bounds.some(({ scope }) => scope !== null && scope.of !== 'all');

  function keystore(method: KeystoreMethodName, request: Uint8Array, account: string): unknown {
    if (!messaging.keystore)
      throw new Error(
        `The fake vault has no keystore of its own: give \`keystore\` to createFakeVault to answer ${method}.`,
      );
    return messaging.keystore(method, request.slice(), account);
  }

  function publish(request: Uint8Array, account: string): Uint8Array {
    const envelopes = readEnvelopes(request);
    if (messaging.network !== undefined) throw new ProviderError(errorCode.internal, { network: messaging.network });
    messaging.published.push(...envelopes.map((one) => ({ ...one, account })));
    return new Uint8Array();
  }

  const rows: { [M in MethodName]?: (call: Call<M>) => Outcome } = {
    vault_getCapabilities: () => ({ result: capabilitiesAnswer('0.0.0-fake') }),
    vault_accounts: () => ({ result: grants.find().flatMap(({ verified, account }) => (verified ? [account] : [])) }),
    vault_getPermissions() {
      const held = grants.find();
      if (held.length === 0) throw unauthorized();
      return { result: held.filter(({ verified }) => verified).map(grantView) };
    },
    vault_disconnect({ params }) {
      const held = grants.find().filter(({ account }) => isSame(account, params?.account));
      if (held.length === 0) throw unauthorized();
      grants.end(({ safeId }) => held.some((one) => one.safeId === safeId));
      gaveBack();
      return { result: null };
    },
    vault_connect(call) {
      const grant = grants.findGiving(call.params);
      if (grant) return grant.verified ? { result: grantView(grant) } : locked(call, grant);
      const { capabilities, duration = null, scopes } = call.params;
      return {
        card: { kind: 'connect', capabilities: [...capabilities], duration, ...(scopes && { scopes }) },
        approved: (answer) => connected(call, answer),
      };
    },
    vault_getPublicKeyBundle: (call) => under(call, 'identity', call.params?.account, (identity) => identity.bundle()),
    vault_sign(call) {
      const { payload, purpose, account } = call.params;
      const act = (identity: FakeIdentity) => {
        const answer = identity.sign({ origin, purpose, payload, issuedAtMs: nowMs() });
        for (const grant of grants.find()) if (grant.safeId === identity.id) grants.spend(grant);
        return answer;
      };
      return under(call, 'sign', account, act, (identity) => ({
        kind: 'sign',
        account: identity.account,
        purpose,
        payload: payload.slice(),
      }));
    },
    xmtp_v3_getIdentifier: (call) =>
      under(call, 'xmtp.v3', call.params?.account, (identity) => ({
        identifier: identity.inboxAddress(),
        identifierKind: 0,
      })),
    xmtp_v3_signIdentityText(call) {
      const { text, account } = call.params;
      const grant = grants.findFor('xmtp.v3', account);
      if (!grant.verified) return locked(call, grant);
      of(grant).mustSignText(text, nowMs());
      const act = (identity: FakeIdentity) => {
        const signature = identity.signText(text);
        grants.spend(grant);
        return signature;
      };
      return under(call, 'xmtp.v3', account, act, (identity) => ({ kind: 'v3', account: identity.account, text }));
    },
    xmtp_v3_getArchiveKey(call) {
      const { inboxId, earlier = 0, account } = call.params;
      const grant = grants.findFor('xmtp.v3.archive', account);
      if (!grant.verified) return locked(call, grant);
      if (earlier > 0) throw invalid('earlier');
      const act = (identity: FakeIdentity) => {
        grants.spend(grant);
        return identity.archiveKey(inboxId);
      };
      return under(call, 'xmtp.v3.archive', account, act, (identity) => ({
        kind: 'archive',
        account: identity.account,
        inboxId,
      }));
    },
  };

  return (call) => {
    const row = rows[call.method] as ((call: Call) => Outcome) | undefined;
    return row ? row(call) : messages(call as Call<KeystoreMethodName | 'xmtp_publish'>);
  };
}

const isSame = (one: string, other: string | undefined) =>
  other === undefined || one.toLowerCase() === other.toLowerCase();

/** Throws -32602 for what the vault does not publish. */
function readEnvelopes(request: Uint8Array): ReturnType<typeof decodePublishRequest> {
  try {
    const envelopes = decodePublishRequest(request);
    if (envelopes.every(({ contentTopic }) => publishTopicOf(contentTopic) !== undefined)) return envelopes;
  } catch (thrown) {
    if (!(thrown instanceof ProtocolError)) throw thrown;
  }
  throw new ProviderError(errorCode.invalidParams, { keystoreCode: 1 });
}
