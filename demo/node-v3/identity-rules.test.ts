// The rules of inboxes at the V3 node, with updates made by hand. libxmtp is the judge: whatever the node took, it must be able to read.
import { secp256k1 } from '@noble/curves/secp256k1.js';
import type * as BrowserSdk from '@xmtp/browser-sdk';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { inboxIdOf } from '../../src/protocol/inbox/inbox-id';
import type { IdentityText } from '../../src/protocol/inbox/identity-text';
import { loadBrowserSdk } from './browser-sdk.testkit';
import { identityMessages, long, type IdentityUpdate, type Signature } from './messages';
import { startNodeV3, type TestNodeV3 } from './node';
import { ask, publish, testApp, testKey, updateOf, type TestMember } from './node-v3.testkit';

let node: TestNodeV3;
let sdk: typeof BrowserSdk;
let backend: BrowserSdk.Backend;
beforeAll(async () => {
  [node, sdk] = await Promise.all([startNodeV3({ port: 0 }), loadBrowserSdk()]);
  backend = await sdk.createBackend({ env: 'local', apiUrl: node.url });
});
afterAll(() => node.close());

let seconds = 1_700_000_000;
/** An inbox of a test's own, with its first app, and what may be asked for it. Each text has a second of its own. */
async function inboxOf(name: string) {
  const owner = testKey(`owner ${name}`);
  const app = testApp(`first ${name}`);
  const inboxId = inboxIdOf(owner.id, 1);
  const head = () => ({ inboxId, timeMs: ++seconds * 1000 });
  const create = { shape: 'create+grant', owner: owner.id, installationId: app.id, ...head() } as const;
  const texts = {
    grant: (to: TestMember): IdentityText => ({ shape: 'grant', installationId: to.id, ...head() }),
    link: (to: TestMember): IdentityText => ({ shape: 'link', address: to.id, ...head() }),
    unlink: (who: TestMember): IdentityText => ({ shape: 'unlink', address: who.id, ...head() }),
    recovery: (to: TestMember): IdentityText => ({ shape: 'recovery', address: to.id, ...head() }),
    revoke: (...who: TestMember[]): IdentityText => ({
      shape: 'revoke',
      installationIds: who.map(({ id }) => id),
      ...head(),
    }),
  };
  expect(await publish(node, updateOf(create, owner, app))).toBe('taken');
  return { owner, app, inboxId, create, ...texts };
}

/** The inbox as libxmtp reads it from the node: addresses, apps, recovery. */
async function read(inboxId: string) {
  const [state] = await sdk.Client.fetchInboxStates([inboxId], backend);
  return {
    addresses: state?.accountIdentifiers.map(({ identifier }) => identifier).sort(),
    apps: state?.installations.map(({ id }) => id).sort(),
    recovery: state?.recoveryIdentifier.identifier,
  };
}

const ids = (...members: TestMember[]) => members.map(({ id }) => id).sort();

describe('updates that the V3 node takes', () => {
  it('are all that clients make, and libxmtp reads the inbox after each as it is meant', async () => {
    const { owner, app, inboxId, grant, link, unlink, recovery, revoke } = await inboxOf('all');
    const wallet = testKey('wallet');
    const [second, third] = [testApp('second'), testApp('third')];
    const steps: [IdentityUpdate, object][] = [
      [updateOf(link(wallet), app, wallet), { addresses: ids(owner, wallet), apps: ids(app), recovery: owner.id }],
      [
        updateOf(grant(second), wallet, second),
        { addresses: ids(owner, wallet), apps: ids(app, second), recovery: owner.id },
      ],
      [
        updateOf(grant(third), owner, third),
        { addresses: ids(owner, wallet), apps: ids(app, second, third), recovery: owner.id },
      ],
      [updateOf(revoke(app, third), owner), { addresses: ids(owner, wallet), apps: ids(second), recovery: owner.id }],
      [updateOf(recovery(wallet), owner), { addresses: ids(owner, wallet), apps: ids(second), recovery: wallet.id }],
      [updateOf(unlink(owner), wallet), { addresses: ids(wallet), apps: ids(second), recovery: wallet.id }],
    ];
    for (const [update, state] of steps) {
      expect(await publish(node, update)).toBe('taken');
      expect(await read(inboxId)).toEqual(state);
    }
    expect(node.identityUpdates(inboxId)).toHaveLength(steps.length + 1);
  });

  it('may be signed by a recovery that is no member', async () => {
    const { owner, app, inboxId, grant, recovery } = await inboxOf('outside');
    const outside = testKey('outside');
    const second = testApp('by recovery');
    expect(await publish(node, updateOf(recovery(outside), owner))).toBe('taken');
    expect(await publish(node, updateOf(grant(second), outside, second))).toBe('taken');
    expect(await read(inboxId)).toEqual({ addresses: ids(owner), apps: ids(app, second), recovery: outside.id });
  });

  it('take an unlinked address’s apps with it, and leave the keys that it added', async () => {
    const { owner, app, inboxId, grant, link, unlink } = await inboxOf('unlinked');
    const [guest, friend] = [testKey('guest'), testKey('friend of the guest')];
    const theirs = testApp('of the guest');
    expect(await publish(node, updateOf(link(guest), app, guest))).toBe('taken');
    expect(await publish(node, updateOf(grant(theirs), guest, theirs))).toBe('taken');
    expect(await publish(node, updateOf(link(friend), guest, friend))).toBe('taken');
    expect(await publish(node, updateOf(unlink(guest), owner))).toBe('taken');
    expect(await read(inboxId)).toEqual({ addresses: ids(owner, friend), apps: ids(app), recovery: owner.id });
  });

  it('decide in which inbox an address is found: the last that it joined and did not leave', async () => {
    const [first, second] = [await inboxOf('joined first'), await inboxOf('joined second')];
    const mover = testKey('mover');
    const found = async () => {
      const requests = [{ identifier: mover.id, identifierKind: 1 }];
      const codecs: [typeof identityMessages.GetInboxIdsRequest, typeof identityMessages.GetInboxIdsResponse] = [
        identityMessages.GetInboxIdsRequest,
        identityMessages.GetInboxIdsResponse,
      ];
      return (await ask(node, 'IdentityApi/GetInboxIds', codecs, { requests })).responses[0]?.inboxId;
    };
    expect(await found()).toBeUndefined();
    for (const inbox of [first, second]) {
      expect(await publish(node, updateOf(inbox.link(mover), inbox.app, mover))).toBe('taken');
      expect(await found()).toBe(inbox.inboxId);
    }
    expect(await publish(node, updateOf(second.unlink(mover), second.owner))).toBe('taken');
    expect(await found()).toBe(first.inboxId);
    expect(await publish(node, updateOf(first.unlink(mover), first.owner))).toBe('taken');
    expect(await found()).toBeUndefined();
  });
});

describe('updates that the V3 node refuses, the inbox staying as it was and readable', () => {
  it('a wrong signature, of each kind and in each place', async () => {
    const { owner, app, inboxId, grant, link } = await inboxOf('signatures');
    const [stranger, key, other] = [testKey('stranger'), testKey('new key'), testApp('new app')];
    const before = await read(inboxId);
    const [linked, granted] = [() => updateOf(link(key), app, key), () => updateOf(grant(other), owner, other)];
    const later = linked();
    const attempts: [string, IdentityUpdate][] = [
      ['another key', updateOf(link(key), app, stranger)],
      ['a text of another second', { ...later, clientTimestampNs: later.clientTimestampNs.add(1e9) }],
      ['a text of another inbox', { ...linked(), inboxId: inboxIdOf(stranger.id, 1) }],
      ['another context', updateOf(grant(other), owner, testApp('new app', 'ANOTHER CONTEXT'))],
      ['the app’s for the address', updateOf(link(key), app, { ...key, sign: app.sign })],
      ['the address’s for the app', updateOf(grant(other), owner, { ...other, sign: owner.sign })],
    ];
    for (const [name, change] of wrongForms) {
      attempts.push([`${name} of who joins`, updateOf(link(key), app, changed(key, change))]);
      attempts.push([`${name} of the app that adds`, updateOf(link(key), changed(app, change), key)]);
      attempts.push([`${name} of the address that adds`, updateOf(grant(other), changed(owner, change), other)]);
      attempts.push([`${name} of the app that joins`, updateOf(grant(other), owner, changed(other, change))]);
    }
    for (const [name, change] of wrongEcdsa) {
      const forged = ({ erc191 }: Signature): Signature => ({ erc191: { bytes: change(erc191?.bytes as Uint8Array) } });
      attempts.push([`${name} of who joins`, updateOf(link(key), app, changed(key, forged))]);
      attempts.push([`${name} of who adds`, updateOf(grant(other), changed(owner, forged), other)]);
    }
    for (const [name, update] of attempts) expect(await publish(node, update), name).toMatch(/^3 /);
    expect(await read(inboxId)).toEqual(before);
    expect(node.inboxOf(key.id)).toBeUndefined();
    // What was refused is not what makes the honest one fail.
    expect(await publish(node, linked())).toBe('taken');
    expect(await publish(node, granted())).toBe('taken');
  });

  it('what no client of today makes', async () => {
    const { owner, app, inboxId, create, link, grant } = await inboxOf('shapes');
    const [key, other] = [testKey('shape key'), testApp('shape app')];
    const linked = updateOf(link(key), app, key);
    const attempts: IdentityUpdate[] = [
      { ...linked, actions: [] },
      { ...linked, actions: [{}] },
      { ...linked, actions: [...linked.actions, ...linked.actions] },
      { ...linked, actions: [...linked.actions, ...updateOf(grant(other), owner, other).actions] },
      {
        ...linked,
        actions: [
          {
            ...linked.actions[0],
            ...updateOf(grant(other), owner).actions[0],
            revoke: { memberToRevoke: key.identifier, recoveryIdentifierSignature: undefined },
          },
        ],
      },
      {
        ...linked,
        actions: [
          {
            add: { ...linked.actions[0]?.add, newMemberIdentifier: { ethereumAddress: key.id.toUpperCase() } } as never,
          },
        ],
      },
      {
        ...linked,
        actions: [
          {
            add: { ...linked.actions[0]?.add, newMemberIdentifier: { passkey: { key: new Uint8Array(33) } } } as never,
          },
        ],
      },
      { ...linked, inboxId: inboxId.toUpperCase() },
      updateOf({ ...link(key), timeMs: Date.UTC(2263, 0) }, app, key),
      // The inbox is there already; its id is not this nonce's; its owner did not sign.
      updateOf({ ...create, timeMs: ++seconds * 1000 }, owner, app),
      updateOf({ ...create, inboxId: inboxIdOf(owner.id, 2) }, owner, app),
      updateOf({ ...create, owner: key.id, inboxId: inboxIdOf(key.id, 1) }, owner, app),
      // Nobody has made this inbox.
      {
        ...updateOf({ shape: 'grant', inboxId: inboxIdOf(key.id, 1), timeMs: 0, installationId: other.id }, key, other),
      },
    ];
    for (const [at, update] of attempts.entries()) expect(await publish(node, update), `attempt ${at}`).toMatch(/^3 /);
    expect(await read(inboxId)).toEqual({ addresses: ids(owner), apps: ids(app), recovery: owner.id });
    expect(node.identityUpdates(inboxIdOf(key.id, 1))).toEqual([]);
  });

  it('a signature that was used before', async () => {
    const { owner, app, inboxId, link, unlink } = await inboxOf('replay');
    const key = testKey('linked twice');
    const linked = updateOf(link(key), app, key);
    expect(await publish(node, linked)).toBe('taken');
    expect(await publish(node, linked)).toBe('3 Replay detected');
    expect(await publish(node, updateOf(unlink(key), owner))).toBe('taken');
    expect(await publish(node, linked)).toBe('3 Replay detected');
    expect(await read(inboxId)).toEqual({ addresses: ids(owner), apps: ids(app), recovery: owner.id });
  });

  it('an addition by a stranger, of oneself, and of an app by an app', async () => {
    const { owner, app, inboxId, link, grant } = await inboxOf('additions');
    const [stranger, key, other] = [testKey('a stranger'), testKey('a friend'), testApp('another app')];
    const before = await read(inboxId);
    expect(await publish(node, updateOf(link(stranger), stranger))).toBe('3 tried to add self');
    expect(await publish(node, updateOf(link(key), stranger, key))).toBe('3 Missing existing member');
    expect(await publish(node, updateOf(grant(other), stranger, other))).toBe('3 Missing existing member');
    expect(await publish(node, updateOf(grant(other), testApp('a strange app'), other))).toBe(
      '3 Missing existing member',
    );
    expect(await publish(node, updateOf(grant(other), app, other))).toMatch(/not allowed to add/);
    expect(await publish(node, updateOf(link(owner), owner))).toBe('3 tried to add self');
    expect(await read(inboxId)).toEqual(before);
  });

  it('a removal or a new recovery by anybody but recovery', async () => {
    const { owner, app, inboxId, link, revoke, unlink, recovery } = await inboxOf('removals');
    const [member, stranger] = [testKey('plain member'), testKey('another stranger')];
    expect(await publish(node, updateOf(link(member), app, member))).toBe('taken');
    const before = await read(inboxId);
    for (const who of [member, app, stranger])
      for (const text of [revoke(app), unlink(owner), unlink(member), recovery(member)])
        expect(await publish(node, updateOf(text, who)), `${text.shape} by ${who.id}`).toBe(
          '3 Missing existing member',
        );
    expect(await read(inboxId)).toEqual(before);
    expect(await publish(node, updateOf(recovery(member), owner))).toBe('taken');
    expect(await publish(node, updateOf(revoke(app), owner))).toBe('3 Missing existing member');
    expect(await publish(node, updateOf(revoke(app), member))).toBe('taken');
  });

  it('the 257th, and libxmtp reads the 256', async () => {
    const { owner, app, inboxId, recovery, link } = await inboxOf('full');
    for (let stored = 1; stored < 256; stored++)
      expect(await publish(node, updateOf(recovery(owner), owner))).toBe('taken');
    const key = testKey('too late');
    expect(await publish(node, updateOf(link(key), app, key))).toBe('2 inbox log is full');
    expect(node.identityUpdates(inboxId)).toHaveLength(256);
    expect(await read(inboxId)).toEqual({ addresses: ids(owner), apps: ids(app), recovery: owner.id });
  });
});

/** Who signs as this member does, and then changes the signature. */
const changed = (member: TestMember, change: (signature: Signature) => Signature | undefined): TestMember => ({
  ...member,
  sign: (text) => change(member.sign(text)) as Signature,
});
const bytesOf = ({ erc191, installationKey }: Signature) => (erc191 ?? installationKey)?.bytes ?? new Uint8Array();
const flipped = (bytes: Uint8Array, at: number) => bytes.map((byte, index) => (index === at ? byte ^ 1 : byte));
const withBytes = ({ erc191, installationKey }: Signature, bytes: Uint8Array): Signature =>
  erc191 ? { erc191: { bytes } } : { installationKey: { publicKey: installationKey?.publicKey ?? bytes, bytes } };

const wrongForms: [string, (signature: Signature) => Signature | undefined][] = [
  ['no signature', () => undefined],
  ['a signature of no kind', () => ({})],
  ['no bytes', (signature) => withBytes(signature, new Uint8Array())],
  ['a byte too few', (signature) => withBytes(signature, bytesOf(signature).slice(0, -1))],
  ['a byte too many', (signature) => withBytes(signature, Uint8Array.from([...bytesOf(signature), 0]))],
  ['a flipped bit', (signature) => withBytes(signature, flipped(bytesOf(signature), 40))],
  [
    'zeros',
    (signature) =>
      withBytes(
        signature,
        bytesOf(signature).map(() => 0),
      ),
  ],
  [
    'two kinds at once',
    (signature) => ({
      erc191: { bytes: bytesOf(signature) },
      installationKey: { bytes: bytesOf(signature), publicKey: new Uint8Array(32) },
    }),
  ],
  [
    'a contract’s signature',
    (signature) => ({ erc6492: { accountId: 'eip155:1:0x', blockNumber: long(1n), signature: bytesOf(signature) } }),
  ],
  [
    'a V2 key’s signature',
    (signature) => ({ delegatedErc191: { delegatedKey: undefined, signature: { bytes: bytesOf(signature) } } }),
  ],
];
const wrongEcdsa: [string, (bytes: Uint8Array) => Uint8Array][] = [
  ['the other v', (bytes) => bytes.map((byte, at) => (at === 64 ? 55 - byte : byte))],
  ['a v of no kind', (bytes) => bytes.map((byte, at) => (at === 64 ? 30 : byte))],
  ['high s', withHighS],
];

/** The other signature over the same text, as valid by the curve's own rules. */
function withHighS(signature: Uint8Array): Uint8Array {
  const { r, s } = secp256k1.Signature.fromBytes(signature.slice(0, 64), 'compact');
  const high = new secp256k1.Signature(r, secp256k1.Point.Fn.neg(s)).toBytes('compact');
  return Uint8Array.from([...high, 55 - (signature[64] as number)]);
}
