// For tests of the V3 node only: calls as a bare client makes them, and identity updates made by hand.
// Promises: keys made from names, so that failures repeat; signatures over the text of the fields, made without the node's code.
// Must not: retry or hide anything of the wire.
import { ed25519ph } from '@noble/curves/ed25519.js';
import { bytesToHex, hexToBytes, utf8ToBytes } from '../../src/protocol/base/bytes';
import { eip191Digest } from '../../src/protocol/base/ethereum';
import { signDigest } from '../../src/protocol/base/secp256k1';
import { buildIdentityText, type IdentityText } from '../../src/protocol/inbox/identity-text';
import { seed, testSigner } from './browser-sdk.testkit';
import {
  encoded,
  identityMessages,
  long,
  type Codec,
  type IdentityUpdate,
  type MemberIdentifier,
  type Signature,
} from './messages';
import type { TestNodeV3 } from './node';

/** What came back: the status of the call, and the messages before it. */
export interface Heard {
  readonly status: number;
  readonly message: string;
  readonly messages: Uint8Array[];
}

/** One frame of gRPC-web. */
export function frame(message: Uint8Array, kind = 0): Uint8Array<ArrayBuffer> {
  const whole = new Uint8Array(5 + message.length);
  whole.set(message, 5);
  const head = new DataView(whole.buffer);
  head.setUint8(0, kind);
  head.setUint32(1, message.length);
  return whole;
}

/** A POST to a path with this body, as it is. */
export function post(
  node: TestNodeV3,
  path: string,
  body: Uint8Array<ArrayBuffer>,
  init: RequestInit = {},
): Promise<Response> {
  const headers = { 'content-type': 'application/grpc-web+proto', ...(init.headers as object) };
  return fetch(`${node.url}${path}`, { method: 'POST', body, ...init, headers });
}

/** A whole call of a method, named 'IdentityApi/GetInboxIds' and so on. */
export async function call(node: TestNodeV3, method: string, body: Uint8Array<ArrayBuffer>): Promise<Heard> {
  return heardIn(new Uint8Array(await (await post(node, pathOf(method), body)).arrayBuffer()));
}

export const pathOf = (method: string) =>
  `/xmtp.${method.startsWith('Identity') ? 'identity' : 'mls'}.api.v1.${method}`;

/** The answer of a method that was not refused. */
export async function ask<Request, Response>(
  node: TestNodeV3,
  method: string,
  [request, response]: [Codec<Request>, Codec<Response>],
  asked: Request,
): Promise<Response> {
  const { status, message, messages } = await call(node, method, frame(encoded(request, asked)));
  if (status !== 0) throw new Error(`${method}: ${status} ${message}`);
  return response.decode(messages[0] as Uint8Array);
}

/** The frames of a body that has come to its end. */
export function heardIn(body: Uint8Array): Heard {
  const messages: Uint8Array[] = [];
  for (let at = 0; at < body.length;) {
    const end = at + 5 + new DataView(body.buffer, body.byteOffset + at + 1).getUint32(0);
    const content = body.slice(at + 5, end);
    if (body[at] === 0) messages.push(content);
    else {
      const lines = new Map(
        Buffer.from(content)
          .toString()
          .split('\r\n')
          .map((line) => line.split(':') as [string, string]),
      );
      const message = decodeURIComponent(lines.get('grpc-message') ?? '');
      return { status: Number(lines.get('grpc-status')), message, messages };
    }
    at = end;
  }
  return { status: NaN, message: '', messages };
}

/** Publishes an update; the status and words of the node. */
export async function publish(node: TestNodeV3, identityUpdate: IdentityUpdate): Promise<string> {
  const request = encoded(identityMessages.PublishIdentityUpdateRequest, { identityUpdate });
  const { status, message } = await call(node, 'IdentityApi/PublishIdentityUpdate', frame(request));
  return status === 0 ? 'taken' : `${status} ${message}`;
}

/** Somebody who signs updates: a key with an address, or an app's installation. */
export interface TestMember {
  readonly id: string;
  readonly identifier: MemberIdentifier;
  sign(text: IdentityText): Signature;
  /** The same of any text at all. */
  signText(text: string): Signature;
}

export function testKey(name: string): TestMember {
  const { address, secret } = testSigner(name);
  const signText = (text: string) => {
    const { bytes, recovery } = signDigest(eip191Digest(text), secret);
    return { erc191: { bytes: Uint8Array.from([...bytes, 27 + recovery]) } };
  };
  return {
    id: address,
    identifier: { ethereumAddress: address },
    sign: (text) => signText(buildIdentityText(text)),
    signText,
  };
}

export function testApp(name: string, context = 'IDENTITY UPDATE SIGNATURE'): TestMember {
  const secret = seed(`installation ${name}`);
  const publicKey = ed25519ph.getPublicKey(secret);
  const signText = (text: string) => {
    const bytes = ed25519ph.sign(utf8ToBytes(text), secret, { context: utf8ToBytes(context) });
    return { installationKey: { bytes, publicKey } };
  };
  return {
    id: bytesToHex(publicKey),
    identifier: { installationPublicKey: publicKey },
    sign: (text) => signText(buildIdentityText(text)),
    signText,
  };
}

/** The update whose text this is: signed by a member, and by `own`, the one that joins. */
export function updateOf(text: IdentityText, by: TestMember, own: TestMember = by): IdentityUpdate {
  return {
    inboxId: text.inboxId,
    clientTimestampNs: long(BigInt(text.timeMs) * 1_000_000n + 987_654_321n),
    actions: actionsOf(text, by, own),
  };
}

function actionsOf(text: IdentityText, by: TestMember, own: TestMember): IdentityUpdate['actions'] {
  const bySignature = by.sign(text);
  const add = (newMemberIdentifier: MemberIdentifier) => ({
    add: { newMemberIdentifier, existingMemberSignature: bySignature, newMemberSignature: own.sign(text) },
  });
  const revoke = (memberToRevoke: MemberIdentifier) => ({
    revoke: { memberToRevoke, recoveryIdentifierSignature: bySignature },
  });
  const app = (id: string) => ({ installationPublicKey: hexToBytes(id) });
  switch (text.shape) {
    case 'create+grant': {
      const create = {
        initialIdentifier: text.owner,
        nonce: long(1n),
        initialIdentifierKind: 1,
        initialIdentifierSignature: bySignature,
      };
      return [{ createInbox: create }, add(app(text.installationId))];
    }
    case 'grant':
      return [add(app(text.installationId))];
    case 'link':
      return [add({ ethereumAddress: text.address })];
    case 'unlink':
      return [revoke({ ethereumAddress: text.address })];
    case 'revoke':
      return text.installationIds.map((id) => revoke(app(id)));
    case 'recovery': {
      const change = {
        newRecoveryIdentifier: text.address,
        newRecoveryIdentifierKind: 1,
        existingRecoveryIdentifierSignature: bySignature,
      };
      return [{ changeRecoveryAddress: change }];
    }
  }
}

/** Waits until it is true; throws after two minutes. */
export async function until(isTrue: () => boolean): Promise<void> {
  for (const end = Date.now() + 120_000; !isTrue(); await new Promise((resolve) => setTimeout(resolve, 2)))
    if (Date.now() > end) throw new Error('it did not become true');
}
