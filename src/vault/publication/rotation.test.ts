// Rotation as the pages and the post drive it: which prekey is current, what opens, what is due, what can be taken back.
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import type { RotationDays } from '../../contract/choices';
import {
  decodeSignedPublicKeyBundle,
  encodePrivateKeyBundleV1,
  publicBundleOf,
  signedPublicBundleOf,
  type PrivateKeyBundleV1,
} from '../../protocol/keys/bundles';
import { bytesToHex, equalBytes } from '../../protocol/base/bytes';
import { decodeContactBundle } from '../../protocol/keys/contact-bundle';
import { decodeSealedInvitation } from '../../protocol/messages/invitation';
import {
  decodeConversations,
  decodeCreateInviteResponse,
  encodeCreateInviteRequest,
} from '../../protocol/keystore/calls';
import { decodeEncryptResponse, encodeEncryptV1Request, type EncryptedMessage } from '../../protocol/keystore/messages';
import { verifyPreKey, walletAddressOf } from '../../protocol/keys/keys';
import { decodeSignedContent, decryptV2, verifySignedContent } from '../../protocol/messages/message-v2';
import { encodeMessageHeaderV1 } from '../../protocol/messages/message-v1';
import { identityPool, ourBundle } from '../../protocol/testkit/reference.testkit';
import { verifyVaultSignature } from '../../protocol/ours/vault-signature';
import {
  headerV2,
  invitation,
  messageV1,
  random,
  readV1,
  readV2,
  save,
  text,
  timeMs,
  timeNs,
  told,
  withOnly,
  writeV2,
} from '../testkit/keystore-requests.testkit';
import { createTestKeystore, type TestKeystore } from '../testkit/keystore.testkit';
import { testStartMs } from '../testkit/memory-host.testkit';
import { mostPrekeys } from '../keys/bundle';
import { decodeRotation, encodeRotation, type RotationRecord } from './rotation-record';

const pool = await identityPool(3);
const [ada, bob, cem] = pool.map(({ ours }) => ours) as [PrivateKeyBundleV1, PrivateKeyBundleV1, PrivateKeyBundleV1];
const fresh = withOnly(ada, 0);
const dayMs = 86_400_000;
const wrongStep = expect.objectContaining({ reason: 'wrong-step' });
const pointOf = (bundle: PrivateKeyBundleV1, at: number) =>
  bytesToHex(bundle.preKeys[at]?.publicKey.publicKey ?? new Uint8Array());

async function rotate(keystore: TestKeystore): Promise<void> {
  const { safeId, rotation } = keystore;
  keystore.clock.nowMs += 1000;
  await rotation.begin(safeId);
  await rotation.mark(safeId, 'copied');
  await rotation.mark(safeId, 'announced');
  await rotation.complete(safeId);
}

/** Every way in which a prekey is told, or signs, for a document that has not been seen before. */
async function currentEverywhere(keystore: TestKeystore): Promise<Record<string, string>> {
  const { safeId, keys, run } = keystore;
  const documentKey = bytesToHex(random(8));
  const told = decodeSignedPublicKeyBundle(
    (await keys.publicBundles(safeId, `${documentKey} 1`)).signedPublicKeyBundle,
  );
  const fields = { origin: 'https://app.example', purpose: 'p', payload: new Uint8Array([1]), issuedAtMs: 5 };
  const signed = await keys.sign(safeId, { ...fields, documentKey: `${documentKey} 2` });
  verifyVaultSignature(signed, { account: keystore.account, origin: fields.origin });
  const invite = await run(
    'xmtp_createInvite',
    encodeCreateInviteRequest({
      recipient: signedPublicBundleOf(bob),
      createdNs: timeNs(1),
      context: { conversationId: documentKey, metadata: new Map() },
    }),
    undefined,
    `${documentKey} 3`,
  );
  return {
    publicBundles: bytesToHex(told.preKey.publicKey),
    vaultSign: bytesToHex(decodeSignedPublicKeyBundle(signed.signedPublicKeyBundle).preKey.publicKey),
    createInvite: bytesToHex(
      decodeSealedInvitation(decodeCreateInviteResponse(invite).payload).header.sender.preKey.publicKey,
    ),
    views: (await keys.views(safeId)).prekeys
      .filter(({ current }) => current)
      .map(({ publicKeyHex }) => publicKeyHex)
      .join(),
  };
}

const everywhere = (name: string) => ({ publicBundles: name, vaultSign: name, createInvite: name, views: name });
const contactPoint = async ({ publication, safeId }: TestKeystore, form: 'v1' | 'v2') =>
  bytesToHex(decodeContactBundle((await publication.contactMessages(safeId))[form]).bundle.preKey.publicKey);

describe('one rotation', () => {
  it('keeps the old prekey current until it is complete, in every answer and signature', async () => {
    const keystore = await createTestKeystore(fresh);
    const { safeId, rotation } = keystore;
    const old = pointOf(fresh, 0);
    keystore.clock.nowMs += 5000;
    expect(await rotation.begin(safeId)).toBe('sealed');
    const next = pointOf(await keystore.bundle(), 0);
    expect(next).not.toBe(old);
    expect(await currentEverywhere(keystore)).toEqual(everywhere(old));
    expect(await contactPoint(keystore, 'v2')).toBe(old);
    expect(await rotation.begin(safeId)).toBe('sealed');
    expect((await keystore.bundle()).preKeys).toHaveLength(2);
    await rotation.mark(safeId, 'copied');
    expect(await currentEverywhere(keystore)).toEqual(everywhere(old));
    expect([await contactPoint(keystore, 'v1'), await contactPoint(keystore, 'v2')]).toEqual([next, next]);
    await rotation.mark(safeId, 'announced');
    expect(await rotation.begin(safeId)).toBe('announced');
    expect(await currentEverywhere(keystore)).toEqual(everywhere(old));
    await rotation.complete(safeId);
    expect(await currentEverywhere(keystore)).toEqual(everywhere(next));
    expect([await contactPoint(keystore, 'v1'), await contactPoint(keystore, 'v2')]).toEqual([next, next]);
  });

  it('adds a prekey of now, signed by the identity key, and leaves every other byte as it was', async () => {
    const keystore = await createTestKeystore(ada);
    keystore.clock.nowMs += 12_345;
    await keystore.rotation.begin(keystore.safeId);
    const { identityKey, preKeys } = await keystore.bundle();
    const [added, ...rest] = preKeys;
    expect(encodePrivateKeyBundleV1({ identityKey, preKeys: rest })).toEqual(encodePrivateKeyBundleV1(ada));
    expect(added?.publicKey.createdMs).toBe(BigInt(keystore.clock.nowMs));
    expect(added && verifyPreKey(added.publicKey, identityKey.publicKey)).toBe(true);
  });

  it('opens invitations and V1 messages to the pending prekey, and lets nothing be written with it', async () => {
    const keystore = await createTestKeystore(fresh);
    await keystore.rotation.begin(keystore.safeId);
    const whole = await keystore.bundle();
    const invited = invitation(bob, signedPublicBundleOf(whole), 1);
    expect((await save(keystore, [invited])).map(told)).toEqual([
      expect.objectContaining({ peerAddress: walletAddressOf(bob.identityKey.publicKey) }),
    ]);
    const message = messageV1(cem, whole, text('early'));
    expect((await readV1(keystore, [{ ...message, peerKeys: message.sender, isSender: false }])).map(told)).toEqual([
      text('early'),
    ]);
    const { topic } = invited.invitation;
    const sender = signedPublicBundleOf(whole);
    expect(
      (
        await writeV2(keystore, [
          { headerBytes: headerV2(topic), contentTopic: topic, content: { payload: text('x'), sender } },
        ])
      ).map(told),
    ).toEqual(['refused 1']);
    const headerBytes = encodeMessageHeaderV1({
      sender: publicBundleOf(whole),
      recipient: publicBundleOf(bob),
      timestampMs: timeMs(1),
    });
    const sealed = await keystore.run(
      'xmtp_encryptV1',
      encodeEncryptV1Request([{ headerBytes, payload: text('x'), recipient: publicBundleOf(bob) }]),
    );
    expect(decodeEncryptResponse(sealed).map(told)).toEqual(['refused 2']);
    await keystore.rotation.complete(keystore.safeId);
    expect(
      (
        await writeV2(keystore, [
          { headerBytes: headerV2(topic), contentTopic: topic, content: { payload: text('x'), sender } },
        ])
      ).map((one) => 'result' in one),
    ).toEqual([true]);
  });

  it('goes through its stages in order, and any of them can be said twice', async () => {
    const keystore = await createTestKeystore(fresh);
    const { safeId, rotation } = keystore;
    await expect(rotation.mark(safeId, 'copied')).rejects.toEqual(wrongStep);
    await expect(rotation.cancel(safeId)).rejects.toEqual(wrongStep);
    expect(await rotation.complete(safeId)).toBe(false);
    await rotation.failed(safeId, 'unreachable');
    expect((await rotation.state(safeId)).pending).toBeNull();
    await rotation.begin(safeId);
    await expect(rotation.mark(safeId, 'announced')).rejects.toEqual(wrongStep);
    await rotation.failed(safeId, 'unreachable');
    expect((await rotation.state(safeId)).pending).toEqual({
      stage: 'sealed',
      startedAtMs: keystore.clock.nowMs,
      reason: 'unreachable',
      canCancel: true,
    });
    for (const stage of ['copied', 'copied', 'announced', 'copied', 'announced'] as const)
      await rotation.mark(safeId, stage);
    expect((await rotation.state(safeId)).pending).toMatchObject({ stage: 'announced', canCancel: false });
    await expect(rotation.cancel(safeId)).rejects.toEqual(wrongStep);
    expect([await rotation.complete(safeId), await rotation.complete(safeId)]).toEqual([true, false]);
    expect(await rotation.state(safeId)).toMatchObject({ pending: null, lastAtMs: keystore.clock.nowMs });
  });

  it('can be taken back as long as nothing was sent, and then the prekey is gone', async () => {
    const keystore = await createTestKeystore(ada);
    const { safeId, rotation } = keystore;
    await rotation.begin(safeId);
    await rotation.cancel(safeId);
    expect(encodePrivateKeyBundleV1(await keystore.bundle())).toEqual(encodePrivateKeyBundleV1(ada));
    expect(await currentEverywhere(keystore)).toEqual(everywhere(pointOf(ada, 0)));
    await rotation.begin(safeId);
    await rotation.mark(safeId, 'copied');
    await expect(rotation.cancel(safeId)).rejects.toEqual(wrongStep);
    expect((await keystore.bundle()).preKeys).toHaveLength(4);
  });

  it('is not complete before the copy on the network has the new prekey', async () => {
    const keystore = await createTestKeystore(fresh);
    const { safeId, rotation, publication } = keystore;
    const sealed = () =>
      publication
        .copyText(safeId)
        .then((words) => publication.sealCopy({ safeId, signature: pool[0]!.seeds.wallet.sign(words) }));
    await sealed();
    await rotation.begin(safeId);
    await expect(rotation.complete(safeId)).rejects.toEqual(wrongStep);
    await sealed();
    await expect(rotation.complete(safeId)).rejects.toEqual(wrongStep);
    expect(await currentEverywhere(keystore)).toEqual(everywhere(pointOf(fresh, 0)));
    expect(await rotation.mark(safeId, 'copied').then(() => rotation.complete(safeId))).toBe(true);
  });

  it('R-F3 answers nothing for a locked identity and changes nothing', async () => {
    const keystore = await createTestKeystore(fresh);
    const { safeId, rotation } = keystore;
    await keystore.sessions.lock(safeId);
    const locked = expect.objectContaining({ reason: 'locked' });
    const calls = [
      rotation.state(safeId),
      rotation.begin(safeId),
      rotation.complete(safeId),
      rotation.cancel(safeId),
      rotation.setPolicy({ safeId, everyDays: 7 }),
    ];
    for (const call of await Promise.allSettled(calls))
      expect(call).toMatchObject({ status: 'rejected', reason: locked });
    expect(await rotation.due(Number.MAX_SAFE_INTEGER)).toEqual([]);
  });

  it('is not begun when a copy of the keys could not be read back any more', async () => {
    const preKey = fresh.preKeys[0] as PrivateKeyBundleV1['identityKey'];
    const keystore = await createTestKeystore({ ...fresh, preKeys: Array.from({ length: mostPrekeys }, () => preKey) });
    await expect(keystore.rotation.begin(keystore.safeId)).rejects.toMatchObject({ reason: 'limit' });
    expect((await keystore.rotation.state(keystore.safeId)).pending).toBeNull();
  });
});

describe('history', () => {
  it('is readable after three rotations, whichever prekey it names, and conversations are used again', async () => {
    const keystore = await createTestKeystore(fresh);
    const { safeId } = keystore;
    const [sealed, invites]: [ReturnType<typeof messageV1>[], ReturnType<typeof invitation>[]] = [[], []];
    const note = async (n: number) => {
      const mine = { ...(await keystore.bundle()) };
      sealed.push(messageV1(bob, mine, text(`to ${n}`), n), messageV1(mine, bob, text(`from ${n}`), n));
      const context = { conversationId: `c ${n}`, metadata: new Map<string, string>() };
      invites.push(
        invitation(bob, signedPublicBundleOf(mine), n, context),
        invitation(mine, signedPublicBundleOf(cem), n, context),
      );
    };
    await note(0);
    const firstTopic = decodeCreateInviteResponse(
      await keystore.run(
        'xmtp_createInvite',
        encodeCreateInviteRequest({ recipient: signedPublicBundleOf(bob), createdNs: timeNs(50) }),
      ),
    ).conversation.topic;
    for (const n of [1, 2, 3]) {
      await rotate(keystore);
      await note(n);
    }
    expect((await keystore.bundle()).preKeys).toHaveLength(4);
    await keystore.sessions.lock(safeId);
    await keystore.unlock();
    const outcomes = await save(keystore, invites);
    expect(outcomes.every((one) => 'result' in one)).toBe(true);
    const items = sealed.map((message, at) => ({ ...message, peerKeys: message.sender, isSender: at % 2 === 0 }));
    expect((await readV1(keystore, items)).map(told)).toEqual(
      [0, 1, 2, 3].flatMap((n) => [text(`to ${n}`), text(`from ${n}`)]),
    );
    expect(decodeConversations(await keystore.run('xmtp_getV2Conversations'))).toHaveLength(9);
    // Peers of now: a conversation of before is found again, and the new prekey signs in it what they verify.
    const again = decodeCreateInviteResponse(
      await keystore.run(
        'xmtp_createInvite',
        encodeCreateInviteRequest({ recipient: signedPublicBundleOf(bob), createdNs: timeNs(90) }),
      ),
    );
    expect(again.conversation.topic).toBe(firstTopic);
    const known = invites[0]?.invitation;
    if (!known) throw new Error('no invitation');
    const sender = decodeSignedPublicKeyBundle(
      (await keystore.keys.publicBundles(safeId, 'document')).signedPublicKeyBundle,
    );
    const headerBytes = headerV2(known.topic, 5);
    const [written] = await writeV2(keystore, [
      { headerBytes, contentTopic: known.topic, content: { payload: text('now'), sender } },
    ]);
    const { encrypted: ciphertext } = told(written) as EncryptedMessage;
    const content = decodeSignedContent(decryptV2(known.keyMaterial, { headerBytes, ciphertext }));
    expect(verifySignedContent(content, headerBytes)).toBe(walletAddressOf(ada.identityKey.publicKey));
    expect(bytesToHex(content.sender.preKey.publicKey)).toBe(pointOf(await keystore.bundle(), 0));
    expect(
      (await readV2(keystore, [{ headerBytes, payload: ciphertext, contentTopic: known.topic }])).map(
        (one) => 'result' in one,
      ),
    ).toEqual([true]);
  });
});

describe('when it is due', () => {
  it('every 30 days for keys made here, from when the prekey was made', async () => {
    const keystore = await createTestKeystore(fresh);
    const { safeId, rotation, clock } = keystore;
    const madeAtMs = Number(fresh.preKeys[0]?.createdMs);
    expect(await rotation.state(safeId)).toEqual({
      everyDays: 30,
      nextAtMs: madeAtMs + 30 * dayMs,
      lastAtMs: null,
      pending: null,
      publishes: false,
    });
    expect(await rotation.due(madeAtMs + 30 * dayMs - 1)).toEqual([]);
    expect(await rotation.due(madeAtMs + 30 * dayMs)).toEqual([safeId]);
    await rotate(keystore);
    expect(await rotation.state(safeId)).toMatchObject({ lastAtMs: clock.nowMs, nextAtMs: clock.nowMs + 30 * dayMs });
  });

  it('never once there is a copy on the network, unless the person chose otherwise', async () => {
    const keystore = await createTestKeystore(fresh);
    const { safeId, rotation, publication } = keystore;
    const words = await publication.copyText(safeId);
    expect((await rotation.state(safeId)).everyDays).toBe(30);
    await publication.sealCopy({ safeId, signature: pool[0]!.seeds.wallet.sign(words) });
    expect(await rotation.state(safeId)).toMatchObject({ everyDays: 0, nextAtMs: null, publishes: true });
    expect(await rotation.due(Number.MAX_SAFE_INTEGER)).toEqual([]);
    await rotation.setPolicy({ safeId, everyDays: 7 });
    expect((await rotation.state(safeId)).everyDays).toBe(7);
    await rotation.setPolicy({ safeId, everyDays: 0 });
    expect((await rotation.state(safeId)).nextAtMs).toBeNull();
    await expect(rotation.setPolicy({ safeId, everyDays: 8 as RotationDays })).rejects.toMatchObject({
      reason: 'invalid-input',
    });
  });

  it('is not put off for ever by a prekey that is dated ahead', async () => {
    const seeds = pool[0]!.seeds;
    const preKeys = [{ privateKey: random(32), createdMs: BigInt(testStartMs + 4000 * dayMs) }];
    const { rotation, safeId } = await createTestKeystore(ourBundle({ ...seeds, preKeys }));
    expect((await rotation.state(safeId)).nextAtMs).toBe(testStartMs + 30 * dayMs);
  });

  it('is not begun again by itself for a day after the person took it back', async () => {
    const keystore = await createTestKeystore(fresh);
    const { safeId, rotation, clock } = keystore;
    await rotation.setPolicy({ safeId, everyDays: 7 });
    clock.nowMs = Math.max(clock.nowMs, Number(fresh.preKeys[0]?.createdMs)) + 30 * dayMs;
    await keystore.unlock();
    expect(await rotation.due(clock.nowMs)).toEqual([safeId]);
    await rotation.begin(safeId);
    await rotation.cancel(safeId);
    expect(await rotation.due(clock.nowMs + dayMs - 1)).toEqual([]);
    expect(await rotation.state(safeId)).toMatchObject({
      nextAtMs: clock.nowMs + dayMs,
      lastAtMs: null,
      pending: null,
    });
    expect(await rotation.due(clock.nowMs + dayMs)).toEqual([safeId]);
    await rotation.setPolicy({ safeId, everyDays: 30 });
    expect(await rotation.due(clock.nowMs)).toEqual([safeId]);
    await rotate(keystore);
    expect(await rotation.state(safeId)).toMatchObject({ nextAtMs: clock.nowMs + 30 * dayMs });
  });

  it('goes on by itself a minute after an interruption, an hour after a failure', async () => {
    const keystore = await createTestKeystore(fresh);
    const { safeId, rotation, clock } = keystore;
    await rotation.setPolicy({ safeId, everyDays: 0 });
    await rotation.begin(safeId);
    expect(await rotation.nextAtMs(safeId)).toBe(clock.nowMs + 60_000);
    clock.nowMs += 120_000;
    expect(await rotation.due(clock.nowMs)).toEqual([safeId]);
    await rotation.failed(safeId, 'unreachable');
    expect(await rotation.nextAtMs(safeId)).toBe(clock.nowMs + 3_600_000);
    expect(await rotation.due(clock.nowMs)).toEqual([]);
  });
});

describe('any order of steps', () => {
  const step = fc.constantFrom('begin', 'copied', 'announced', 'complete', 'cancel', 'fail', 'seal copy', 'lock');

  it('private prekeys only grow but for one that was never sent, and exactly one is current at any time', async () => {
    const keystore = await createTestKeystore(fresh);
    const { safeId, rotation, publication } = keystore;
    const sign = pool[0]!.seeds.wallet.sign;
    await publication.copyText(safeId);
    await fc.assert(
      fc.asyncProperty(fc.array(step, { maxLength: 12 }), async (steps) => {
        for (const one of steps) {
          const before = { bundle: await keystore.bundle(), pending: (await rotation.state(safeId)).pending };
          const current = (await currentEverywhere(keystore))['views'];
          const outcome = await act(one).then(
            () => 'done',
            (error: unknown) => (error as { reason: string }).reason,
          );
          expect(['done', 'wrong-step']).toContain(outcome);
          const after = await keystore.bundle();
          const kept = before.bundle.preKeys.filter((key) =>
            after.preKeys.some(
              (other) =>
                equalBytes(key.privateKey, other.privateKey) &&
                equalBytes(
                  key.publicKey.signature?.bytes ?? new Uint8Array(),
                  other.publicKey.signature?.bytes ?? new Uint8Array(),
                ),
            ),
          );
          const wasTakenBack = one === 'cancel' && outcome === 'done';
          expect(kept.length).toBe(before.bundle.preKeys.length - (wasTakenBack ? 1 : 0));
          if (wasTakenBack) expect(before.pending?.canCancel).toBe(true);
          const now = await currentEverywhere(keystore);
          expect(now).toEqual(everywhere(now['views'] ?? ''));
          expect(now['views']).toHaveLength(130);
          if (now['views'] !== current) expect([one, before.pending]).toEqual(['complete', expect.anything()]);
        }
      }),
      { numRuns: 12 },
    );

    async function act(one: string): Promise<void> {
      if (one === 'begin') await rotation.begin(safeId);
      else if (one === 'copied' || one === 'announced') await rotation.mark(safeId, one);
      else if (one === 'complete') await rotation.complete(safeId);
      else if (one === 'cancel') await rotation.cancel(safeId);
      else if (one === 'fail') await rotation.failed(safeId, 'unreachable');
      else if (one === 'seal copy')
        await publication.sealCopy({ safeId, signature: sign(await publication.copyText(safeId)) });
      else await keystore.sessions.lock(safeId).then(keystore.unlock);
    }
  });
});

describe('the record', () => {
  const policy = {
    chosenDays: fc.constantFrom(null, 0 as const, 7 as const, 30 as const, 90 as const),
    lastAtMs: fc.option(fc.integer({ min: 1, max: 2 ** 45 })),
  };
  const idle = fc.record({
    ...policy,
    pending: fc.constant(null),
    takenBackAtMs: fc.option(fc.integer({ min: 0, max: 2 ** 45 })),
  });
  const begun = fc.record({
    ...policy,
    takenBackAtMs: fc.constant(null),
    pending: fc.record({
      prekey: fc.uint8Array({ minLength: 65, maxLength: 65 }).map(bytesToHex),
      stage: fc.constantFrom('sealed' as const, 'publishing' as const, 'copied' as const, 'announced' as const),
      startedAtMs: fc.integer({ min: 0, max: 2 ** 45 }),
      failure: fc.option(
        fc.record({
          atMs: fc.integer({ min: 1, max: 2 ** 45 }),
          reason: fc.constantFrom('unreachable', 'bad-answer', 'é', 'x'),
        }),
      ),
    }),
  });
  const record: fc.Arbitrary<RotationRecord> = fc.oneof(idle, begun);

  it('decode(encode(x)) is x, and cut bytes are damaged', () => {
    fc.assert(
      fc.property(record, fc.nat(), (one, cut) => {
        const bytes = encodeRotation(one);
        expect(decodeRotation(bytes)).toEqual(one);
        expect(() => decodeRotation(bytes.subarray(0, cut % bytes.length))).toThrow(
          expect.objectContaining({ reason: 'damaged' }),
        );
      }),
    );
  });
});
