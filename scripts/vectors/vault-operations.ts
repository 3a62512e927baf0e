// The same vectors of invitations and messages once more, through the vault's keystore: request bytes in, response bytes out.
// Promises a keystore of its own for each vector, and the codes the field answers; where a caller's claim contradicts the
// header of a V1 message, the vault goes by the header, so the header's outcome is expected.
import { bytesToHex, hexToBytes } from '../../src/protocol/base/bytes';
import type { ConversationReference } from '../../src/protocol/messages/conversation';
import { ProtocolError } from '../../src/protocol/base/errors';
import { decodeConversations } from '../../src/protocol/keystore/calls';
import type { ItemOutcome } from '../../src/protocol/keystore/messages';
import {
  decodeDecryptResponse,
  decodeDecryptV1Request,
  decodeSaveInvitesResponse,
  encodeSaveInvitesRequest,
} from '../../src/protocol/keystore/messages';
import { decryptV1 } from '../../src/protocol/messages/message-v1';
import type { Operation, Vector, VectorSet } from './compare';
import { checkFacts, Mismatch, outcomeOf } from './compare';
import { bundleOf, legacyBundle } from './identities';
import { conversationFacts } from './invitation-operations';
import { decryptV1Request, decryptV2Request } from './message-operations';
import type { TestKeystore } from './test-keystore';
import { openTestKeystore } from './test-keystore';

const NOW_MS = 1_718_000_000_000;

interface SealedRequest {
  readonly timestampNs: string;
  readonly sealedInvitationProto: string;
}

async function save(
  keystore: TestKeystore,
  requests: readonly SealedRequest[],
): Promise<ItemOutcome<ConversationReference>[]> {
  const items = requests.map((one) => ({
    contentTopic: '',
    timestampNs: BigInt(one.timestampNs),
    payload: hexToBytes(one.sealedInvitationProto),
  }));
  return decodeSaveInvitesResponse(await keystore.run('xmtp_saveInvites', encodeSaveInvitesRequest(items), NOW_MS));
}

/** Holds one outcome against an expectation; `facts` are what the vectors write about a result. */
function checkOutcome<Result>(
  expect: Record<string, unknown>,
  outcome: ItemOutcome<Result> | undefined,
  facts: (result: Result) => Record<string, unknown>,
): void {
  if (!outcome) throw new Mismatch('the vault did not answer');
  if (expect['outcome'] === 'reject') {
    if (!('refusal' in outcome)) throw new Mismatch('the vault accepted it');
    if (expect['code'] !== undefined && expect['code'] !== outcome.refusal.code)
      throw new Mismatch('code of the vault differs');
    return;
  }
  if (expect['outcome'] !== 'ok') throw new Mismatch(`unknown outcome ${String(expect['outcome'])}`);
  if ('refusal' in outcome) throw new Mismatch('the vault refused it');
  const actual = facts(outcome.result);
  const wanted = Object.fromEntries(Object.entries(expect).filter(([key]) => Object.hasOwn(actual, key)));
  if (Object.keys(wanted).length === 0) throw new Mismatch('nothing to compare');
  checkFacts(wanted, actual);
}

async function saveInvites({ input, expect }: Vector, set: VectorSet): Promise<void> {
  const given = input.keystorePrivateKeyBundleProto_v1;
  const keystore = await openTestKeystore(given === undefined ? bundleOf(set, input.keystore) : legacyBundle(given));
  const peer = typeof expect.vaultShould === 'object' ? expect.vaultShould : {};
  const wanted =
    expect.conversation === undefined ? expect : { ...expect, conversation: { ...expect.conversation, ...peer } };
  const [outcome] = await save(keystore, [input]);
  checkOutcome(wanted, outcome, (conversation) => ({ conversation: conversationFacts(conversation) }));
  const stored = decodeConversations(await keystore.run('xmtp_getV2Conversations', new Uint8Array(0), NOW_MS));
  checkFacts(
    { conversations: wanted.conversation ? [wanted.conversation] : [] },
    { conversations: stored.map((one) => ({ ...conversationFacts(one) })) },
  );
}

async function saveInvitesSequence({ input, expect }: Vector, set: VectorSet): Promise<void> {
  const keystore = await openTestKeystore(bundleOf(set, input.keystore));
  const outcomes = await save(keystore, input.requests);
  if (outcomes.length !== expect.responses.length) throw new Mismatch('another number of responses');
  for (const [at, outcome] of outcomes.entries()) {
    checkOutcome(expect.responses[at], outcome, (conversation) => ({ conversation: conversationFacts(conversation) }));
  }
  const stored = decodeConversations(await keystore.run('xmtp_getV2Conversations', new Uint8Array(0), NOW_MS));
  checkFacts(
    { storedConversations: expect.storedConversations },
    { storedConversations: stored.map(conversationFacts) },
  );
}

async function openV1({ input, expect }: Vector, set: VectorSet): Promise<void> {
  const bundle = bundleOf(set, input.keystore);
  const request = decryptV1Request(input);
  const keystore = await openTestKeystore(bundle);
  const [outcome] = decodeDecryptResponse(await keystore.run('xmtp_decryptV1', request, NOW_MS));
  const wanted = expect.vaultDecrypted === undefined ? expect : { outcome: 'ok', decrypted: expect.vaultDecrypted };
  const byHeader = outcomeOf(() => {
    const [item] = decodeDecryptV1Request(request);
    if (!item || item instanceof ProtocolError) throw item ?? new Mismatch('no item');
    return decryptV1(bundle, { ciphertext: item.payload, headerBytes: item.headerBytes });
  });
  const isOnlyClaimWrong = wanted.outcome === 'reject' && !(byHeader instanceof ProtocolError);
  const right = isOnlyClaimWrong ? { outcome: 'ok', decrypted: bytesToHex(byHeader) } : wanted;
  checkOutcome(right, outcome, (decrypted) => ({ decrypted }));
}

async function openV2({ input, expect }: Vector, set: VectorSet): Promise<void> {
  const keystore = await openTestKeystore(bundleOf(set, input.keystore));
  const invite = set['invite'] as { sealedInvitationProto: string; createdNs: string };
  await save(keystore, [{ timestampNs: invite.createdNs, sealedInvitationProto: invite.sealedInvitationProto }]);
  const [outcome] = decodeDecryptResponse(await keystore.run('xmtp_decryptV2', decryptV2Request(input), NOW_MS));
  checkOutcome(expect, outcome, (decrypted) => ({ decrypted }));
}

/** By the `op` of the vectors; run after the operation of the same name over the protocol alone. */
export const vaultOperations: Record<string, Operation> = {
  saveInvites,
  saveInvitesSequence,
  decryptV1: openV1,
  decryptV2: openV2,
};
