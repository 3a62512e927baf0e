// Secrets of messaging are looked for in everything that reaches a page while it does all that a messaging app does, the vault publishes
// for it, and the prekey is renewed in the middle.
// Promises: P1 for messages: no private key, topic key or shared secret, and no HMAC key but those asked for, in any event of the page or
// message of its relay. The secrets are the real ones, out of the opened safe; HMAC keys that were asked for, and a planted one, are found.
import { randomBytes } from 'node:crypto';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import type { Page } from 'playwright';
import { startNode, type TestNode } from '../demo/node/node';
import { testAccounts } from '../demo/wallet/accounts';
import {
  decodePublicKeyBundle,
  decodeSignedPublicKeyBundle,
  publicBundleOf,
  signedPublicBundleOf,
  type PrivateKeyBundleV1,
} from '../src/protocol/keys/bundles';
import { decodeHmacKeysResponse, encodeHmacKeysRequest } from '../src/protocol/keystore/calls';
import { hmacKeysAround } from '../src/protocol/messages/hmac-keys';
import { sharedSecret, type Role } from '../src/protocol/keys/shared-secret';
import { findSecrets, formsOf, type Secret } from './kit/canary';
import { launchChromium, type Chromium } from './kit/chromium';
import { enrolBy, personOf, publishAll, rotate, setNode } from './kit/flows';
import { internalClient } from './kit/internal';
import { bytes, call, revived, type Site } from './kit/journey';
import { connectMessaging, openSafe, serveMessaging, stockPeer, stockTwin } from './kit/messaging';
import { hearEverything, heardBy } from './kit/page-ear';

const account = testAccounts()[0]!;
const person = personOf(account);
let renew: () => Promise<unknown>;
let browser: Chromium;
let node: TestNode;
let site: Site;
let page: Page;
const reached: [string, string][] = [];

beforeAll(async () => {
  [browser, node, site] = await Promise.all([launchChromium(), startNode(), serveMessaging(hearEverything.markup)]);
  const vault = await internalClient(browser, 'vault');
  await setNode(vault, node.url);
  const { safeId } = await enrolBy(await internalClient(browser, 'onboarding'), person);
  // Connected to the network with everything: the vault publishes, and its copy of the keys lies on the node.
  await publishAll(vault, person, safeId);
  renew = () => rotate(vault, safeId);
  page = await browser.context.newPage();
  await page.goto(site.origin);
  await hearEverything.tap(page);
});
afterAll(async () => {
  await browser?.close();
  await site?.close();
  await node?.close();
});

const topics = { asked: '', other: '' };
let ownKeys: PrivateKeyBundleV1;
let askedForKeys: Uint8Array[];

describe.sequential('secrets of messaging stay in the vault', () => {
  test('a messaging journey, while everything is written down', async () => {
    await connectMessaging(
      browser,
      page,
      ['identity', 'messages.read', 'messages.write', 'preferences', 'notifications'],
      'until-locked',
    );
    const [bob, finn, cem, eve] = [
      await stockPeer('Bob', node.url),
      await stockPeer('Finn', node.url),
      await stockPeer('Cem of old', node.url, { publishLegacyContact: true }),
      await stockPeer('Eve', node.url),
    ];
    const made = await page.evaluate(
      async ([url, toBob, toFinn, toCem]) => {
        const client = await window.messaging.onVault(url!, {}, { publishing: 'vault' });
        window.messaging.kept.ada = client;
        const first = await client.conversations.newConversation(toBob!);
        await first.send('hello');
        const second = await client.conversations.newConversation(toFinn!, { conversationId: 'second', metadata: {} });
        await second.send('hello again');
        const old = await client.conversations.newConversation(toCem!);
        await old.send('hello of old');
        await client.contacts.deny([toCem!]);
        await client.contacts.refreshConsentList();
        return {
          asked: first.topic,
          other: second.topic,
          versions: [first.conversationVersion, old.conversationVersion],
        };
      },
      [node.url, bob.address, finn.address, cem.address],
    );
    expect(made.versions).toEqual(['v2', 'v1']);
    Object.assign(topics, made);
    for (const peer of [bob, finn, cem]) await (await peer.conversations.list())[0]!.send('answer');
    await (await eve.conversations.newConversation(account.address)).send('a stranger');
    const count = await page.evaluate(async () => {
      let all = 0;
      for (const conversation of await window.messaging.kept.ada.conversations.list())
        all += (await conversation.messages()).length;
      return all;
    });
    expect(count).toBe(7);
    // Push keys of one conversation are asked for, and of no other.
    const { result } = await call(page, 'xmtp_getV2ConversationHmacKeys', {
      request: bytes(encodeHmacKeysRequest([topics.asked])),
    });
    const answered = decodeHmacKeysResponse(revived<Uint8Array>(result));
    expect([...answered.keys()]).toEqual([topics.asked]);
    askedForKeys = answered.get(topics.asked)!.map(({ hmacKey }) => hmacKey);
    // What is refused is heard too.
    for (const method of ['xmtp_getPrivateKeyBundle', 'getPrivateKeyBundle', 'xmtp_getKeystoreStatus'])
      expect((await call(page, method, { request: bytes('') })).error?.code).toBe(4200);
    expect((await call(page, 'xmtp_decryptV2', { request: bytes('nonsense') })).error?.code).toBe(-32602);
    await renew();
    await browser.killWorker();
    expect((await call(page, 'vault_accounts')).result).toEqual([account.address]);
  });

  test('P1 no private key, topic key, shared secret or unasked HMAC key is in any message to the page; asked-for and planted ones are found', async () => {
    const { rootSecret, bundle } = await openSafe(browser, account);
    ownKeys = bundle;
    const twin = await stockTwin(bundle, node.url);
    const listed = await twin.conversations.list();
    const topicKeys = new Map(
      listed.flatMap(({ topic, conversationVersion }) => {
        if (conversationVersion !== 'v2') return [];
        const { invitation } = (
          twin.keystore as never as {
            lookupTopic(of: string): { invitation: { aes256GcmHkdfSha256: { keyMaterial: Uint8Array } } };
          }
        ).lookupTopic(topic);
        return [[topic, invitation.aes256GcmHkdfSha256.keyMaterial] as const];
      }),
    );
    expect([...topicKeys.keys()]).toEqual(expect.arrayContaining([topics.asked, topics.other]));
    // Another peer, another key: conversations with one peer share theirs by the protocol.
    expect(new Set([...topicKeys.values()].map((key) => Buffer.from(key).toString('hex'))).size).toBe(3);
    const secrets: Secret[] = [
      { name: 'root key', bytes: rootSecret },
      { name: 'identity private key', bytes: bundle.identityKey.privateKey },
      ...bundle.preKeys.map(({ privateKey }, at) => ({ name: `prekey ${at}`, bytes: privateKey })),
      ...[...topicKeys].map(([topic, keyMaterial]) => ({ name: `topic key of ${topic}`, bytes: keyMaterial })),
      ...[...topicKeys].flatMap(([topic, keyMaterial]) =>
        topic === topics.asked
          ? []
          : hmacKeysAround(keyMaterial, account.address, Date.now()).map(({ hmacKey }, at) => ({
              name: `HMAC key ${at} of ${topic}`,
              bytes: hmacKey,
            })),
      ),
      ...enableSignatures(),
      ...(await sharedSecrets()),
    ];
    expect(secrets.length).toBe(4 + 3 + 6 + 2 + 4 * 2 * 4 * 2);

    const canary: Secret = { name: 'planted', bytes: randomBytes(32) };
    await call(page, 'test_echo', { raw: bytes(canary.bytes) });
    for (const [place, lines] of Object.entries(await heardBy(page))) {
      expect(lines.length).toBeGreaterThan(60);
      reached.push([place, lines.join('\n')]);
    }
    expect(reached).toHaveLength(2);
    expect(findSecrets(formsOf(secrets), reached)).toEqual([]);
    // What was asked for came, and is found by the same scan in both places; so is what was planted.
    const asked = hmacKeysAround(topicKeys.get(topics.asked)!, account.address, Date.now());
    expect(asked.map(({ hmacKey }) => Buffer.from(hmacKey).toString('hex'))).toEqual(
      askedForKeys.map((key) => Buffer.from(key).toString('hex')),
    );
    for (const control of [canary, ...asked.map(({ hmacKey }, at) => ({ name: `asked ${at}`, bytes: hmacKey }))])
      for (const place of reached)
        expect([control.name, place[0], findSecrets(formsOf([control]), [place]).length > 0]).toEqual([
          control.name,
          place[0],
          true,
        ]);
  });
});

/** What opens the copy of the keys on the node, for ever. */
function enableSignatures(): Secret[] {
  const text = person.walletSignatures.find((one) => one.startsWith('XMTP : Enable Identity'))!;
  const signature = person.sign(text);
  return [
    { name: 'Enable Identity signature', bytes: signature },
    { name: 'Enable Identity signature, r and s', bytes: signature.slice(0, 64) },
  ];
}

/** With each peer, in either role, with each prekey, whole and in its parts. */
async function sharedSecrets(): Promise<Secret[]> {
  const asked = await call(page, 'vault_getPublicKeyBundle');
  const { publicKeyBundle, signedPublicKeyBundle } = revived<{
    publicKeyBundle: Uint8Array;
    signedPublicKeyBundle: Uint8Array;
  }>(asked.result);
  // The auditor opened the safe that the page was talking to.
  expect(decodeSignedPublicKeyBundle(signedPublicKeyBundle)).toEqual(signedPublicBundleOf(ownKeys));
  expect(decodePublicKeyBundle(publicKeyBundle)).toEqual(publicBundleOf(ownKeys));
  const secrets: Secret[] = [];
  for (const name of ['Bob', 'Finn', 'Cem of old', 'Eve']) {
    const peer = await stockPeer(name, node.url, { publishLegacyContact: name === 'Cem of old' });
    const bundle = decodePublicKeyBundle(peer.publicKeyBundle.toBytes());
    for (const role of ['sender', 'recipient'] as Role[])
      for (const [at, { publicKey }] of ownKeys.preKeys.entries()) {
        const whole = sharedSecret(ownKeys, bundle, publicKey, role);
        const which = `with ${name} as ${role}, prekey ${at}`;
        secrets.push({ name: `secret ${which}`, bytes: whole });
        for (const part of [0, 1, 2])
          secrets.push({ name: `part ${part} of the secret ${which}`, bytes: whole.slice(part * 65, (part + 1) * 65) });
      }
  }
  return secrets;
}
