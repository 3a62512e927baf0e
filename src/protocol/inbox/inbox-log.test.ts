// Logs of inboxes, made by hand with the codecs of XMTP's own package: what is read of them, and that nothing can be slipped in (protocol l.5).
import { createHash } from 'node:crypto';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import {
  bytesOf,
  livedIn,
  logByHand,
  messageByHand,
  textByHand,
  type ActionByHand,
} from '../../../demo/node-v3/inbox-log.testkit';
import { long, type IdentityUpdate, type Signature } from '../../../demo/node-v3/messages';
import { testApp, testKey } from '../../../demo/node-v3/node-v3.testkit';
import { lawOf, sizeOf } from '../../../scripts/campaign/size';
import { emptyReading, withUpdate, type LogReading } from './inbox-log';

const life = livedIn('reading');
const { inboxId, updates } = life;
const read = (log: readonly Uint8Array[], of = inboxId): LogReading =>
  log.reduce((before, update) => withUpdate(before, of, update), emptyReading);
const whole = read(updates);
/** The reading before each update, so that laws need not begin anew each time. */
const before = updates.map((_, at) => read(updates.slice(0, at)));
/** The reading with these bytes instead of the update `at`, and what follows. */
const rest = (at: number, bytes: Uint8Array) =>
  [bytes, ...updates.slice(at + 1)].reduce(
    (reading, one) => withUpdate(reading, inboxId, one),
    before[at] as LogReading,
  );
const endOf = (log: readonly Uint8Array[]) => {
  const { end, textDigests } = read(log);
  return `${textDigests.length} ${end}`;
};

describe('the log of an inbox', () => {
  it('is read to its end: who is in, by whom, and who recovery is', () => {
    expect(whole.end).toBeNull();
    expect(whole.association?.recovery).toBe(life.wallet.id);
    expect(whole.association?.members).toEqual(life.left);
  });

  it('gives the digest of every text, as the ledger of what was signed has it', () => {
    const digests = life.lists.map((actions, at) =>
      createHash('sha256')
        .update(textByHand(inboxId, at, actions))
        .digest('hex'),
    );
    expect(whole.textDigests).toEqual(digests);
  });

  it('of no updates is none', () => {
    expect(read([])).toEqual({ association: undefined, textDigests: [], end: null });
  });

  it('of another inbox is not this one’s', () => {
    expect(read(updates, 'ab'.repeat(32)).end).toBe('wrong');
    expect(endOf([...updates.slice(0, 2), ...livedIn('another').updates.slice(1)])).toBe('2 wrong');
  });
});

describe('R-I6 what a node slips into a log', () => {
  it('law: with any bit of any update flipped it is read as it was, or only up to there', () => {
    let ended = 0;
    fc.assert(
      fc.property(fc.nat(updates.length - 1), fc.nat(), (at, anywhere) => {
        const reading = rest(at, flipped(updates[at] as Uint8Array, anywhere));
        if (reading.end !== null) ended += 1;
        expect(reading).toEqual(reading.end === null ? whole : { ...before[at], end: reading.end });
      }),
      lawOf('inbox-logs', 'places'),
    );
    expect(ended).toBeGreaterThan(sizeOf('inbox-logs', 'places') * 0.75);
  });

  it('law: left out, doubled or in another order, updates give nobody who was never let in, and none is used twice', () => {
    const everybody = new Set(
      [life.owner, life.wallet, life.friend, life.first, life.second, life.third].map(({ id }) => id),
    );
    fc.assert(
      fc.property(fc.array(fc.nat(updates.length - 1), { maxLength: 12 }), (order) => {
        const { association, textDigests } = read(order.map((at) => updates[at] as Uint8Array));
        expect(new Set(textDigests).size).toBe(textDigests.length);
        for (const member of association?.members.keys() ?? []) expect(everybody).toContain(member);
        if (textDigests.length > 0) expect(textDigests[0]).toBe(whole.textDigests[0]);
      }),
      { numRuns: 60 },
    );
  });

  it('law: any bytes at all end the reading, and keep what was read', () => {
    fc.assert(
      fc.property(fc.uint8Array({ maxLength: 200 }), (bytes) => {
        const reading = rest(1, bytes);
        expect(reading).toEqual({ ...before[1], end: reading.end });
        expect(reading.end).not.toBeNull();
      }),
      { numRuns: 300 },
    );
  });

  it('a signature of somebody else, over another text, or none is wrong', () => {
    const stranger = testKey('a stranger');
    const byStranger: ActionByHand[] = [{ kind: 'add', who: testApp('strange app'), by: stranger }];
    expect(endOf([...updates.slice(0, 1), bytesOf(messageByHand(inboxId, 9, byStranger))])).toBe('1 wrong');
    for (const [name, change] of forgeries) {
      const forged = messageByHand(inboxId, 1, life.lists[1] as ActionByHand[]);
      const [action] = forged.actions;
      for (const field of ['existingMemberSignature', 'newMemberSignature'] as const) {
        const add = { ...action?.add, [field]: change(action?.add?.[field] as Signature) };
        const log = [updates[0] as Uint8Array, bytesOf({ ...forged, actions: [{ add } as never] })];
        expect(endOf(log), `${name} of ${field}`).toBe('1 wrong');
      }
    }
  });

  it('an inbox that another address made, or that is made twice, is wrong', () => {
    const other = testKey('somebody');
    const makes: ActionByHand[] = [{ kind: 'create', who: other, by: other }];
    expect(endOf([bytesOf(messageByHand(inboxId, 0, makes))])).toBe('0 wrong');
    const again: ActionByHand[] = [{ kind: 'create', who: life.owner, by: life.owner }];
    expect(endOf([...updates, bytesOf(messageByHand(inboxId, 20, again))])).toBe(`${updates.length} wrong`);
    expect(endOf(updates.slice(1))).toBe('0 wrong');
  });

  it('a link that was taken back is not made again by its own signatures, however v is written', () => {
    const made = updates[0] as Uint8Array;
    const link = messageByHand(inboxId, 40, [{ kind: 'add', who: life.wallet, by: life.owner }]);
    const gone = messageByHand(inboxId, 41, [{ kind: 'revoke', who: life.wallet, by: life.owner }]);
    const { add } = link.actions[0] as { add: NonNullable<IdentityUpdate['actions'][number]['add']> };
    const otherV = (signature?: Signature) =>
      withBytes(signature as Signature, (bytes) => bytes.map((byte, at) => (at === 64 ? byte + 8 : byte)));
    const [existingMemberSignature, newMemberSignature] = [
      otherV(add.existingMemberSignature),
      otherV(add.newMemberSignature),
    ];
    const replayed = { ...link, actions: [{ add: { ...add, existingMemberSignature, newMemberSignature } }] };
    const honest = [made, bytesOf(link), bytesOf(gone)];
    expect(endOf(honest)).toBe('3 null');
    // The signatures are good, once.
    expect(endOf([made, bytesOf(replayed)])).toBe('2 null');
    expect(endOf([...honest, bytesOf(link)])).toBe('3 wrong');
    expect(endOf([...honest, bytesOf(replayed)])).toBe('3 wrong');
  });

  it('what only recovery may do is wrong of a member', () => {
    const attempts: ActionByHand[] = [
      { kind: 'revoke', who: life.first, by: life.wallet },
      { kind: 'recovery', who: life.wallet, by: life.wallet },
      { kind: 'revoke', who: life.first, by: life.first },
    ];
    for (const action of attempts)
      expect(endOf([...updates.slice(0, 2), bytesOf(messageByHand(inboxId, 30, [action]))])).toBe('2 wrong');
    const byApp: ActionByHand[] = [{ kind: 'add', who: testApp('another app'), by: life.first }];
    expect(endOf([...updates.slice(0, 2), bytesOf(messageByHand(inboxId, 30, byApp))])).toBe('2 wrong');
  });
});

describe('what cannot be verified here', () => {
  const after = (update: IdentityUpdate) => endOf([updates[0] as Uint8Array, bytesOf(update)]);
  const linked = messageByHand(inboxId, 1, life.lists[1] as ActionByHand[]);
  const bytes = new Uint8Array(64).fill(7);
  const kinds: [string, Signature][] = [
    ['a contract', { erc6492: { accountId: 'eip155:1:0x', blockNumber: long(1n), signature: bytes } }],
    ['a key of V2', { delegatedErc191: { delegatedKey: undefined, signature: { bytes } } }],
    ['a passkey', { passkey: { publicKey: bytes, signature: bytes, authenticatorData: bytes, clientDataJson: bytes } }],
    ['a kind of tomorrow', {}],
  ];

  it.each(kinds)('ends the reading and is not called wrong: a signature of %s', (_, signature) => {
    for (const field of ['existingMemberSignature', 'newMemberSignature'] as const) {
      const add = { ...linked.actions[0]?.add, [field]: signature };
      expect(after({ ...linked, actions: [{ add } as never] })).toBe('1 unverifiable');
    }
  });

  it('so does a passkey, as member, owner or recovery, and an action of tomorrow', () => {
    const passkey = { passkey: { key: new Uint8Array(33) } };
    const signature = life.owner.signText('whatever');
    const actions: IdentityUpdate['actions'] = [
      { add: { ...linked.actions[0]?.add, newMemberIdentifier: passkey } as never },
      { revoke: { memberToRevoke: passkey, recoveryIdentifierSignature: signature } },
      {
        changeRecoveryAddress: {
          newRecoveryIdentifier: '02ab',
          newRecoveryIdentifierKind: 2,
          existingRecoveryIdentifierSignature: signature,
        },
      },
      {},
    ];
    for (const action of actions) expect(after({ ...linked, actions: [action] })).toBe('1 unverifiable');
  });

  it('so does what would take a reader minutes: more actions than any client puts into one update', () => {
    const revoke: ActionByHand = { kind: 'revoke', who: life.first, by: life.owner };
    const made = life.lists[0] as ActionByHand[];
    const ofMany = (count: number) =>
      logByHand(life.owner, [made, Array.from({ length: count }, () => revoke)]).updates;
    expect(endOf(ofMany(128))).toBe('2 null');
    expect(endOf(ofMany(129))).toBe('1 unverifiable');
  });

  it('nothing after it counts, however sound', () => {
    const dark = { ...linked, actions: [{}] };
    expect(endOf([updates[0] as Uint8Array, bytesOf(dark), ...updates.slice(1)])).toBe('1 unverifiable');
  });
});

const flipped = (bytes: Uint8Array, anywhere: number) => {
  const bit = anywhere % (bytes.length * 8);
  return bytes.map((byte, at) => (at === bit >> 3 ? byte ^ (1 << (bit & 7)) : byte));
};

const forgeries: [string, (signature: Signature) => Signature | undefined][] = [
  ['no signature', () => undefined],
  ['no bytes', (signature) => withBytes(signature, () => new Uint8Array())],
  ['a byte too few', (signature) => withBytes(signature, (bytes) => bytes.slice(0, -1))],
  ['a byte too many', (signature) => withBytes(signature, (bytes) => Uint8Array.from([...bytes, 0]))],
  ['a flipped bit', (signature) => withBytes(signature, (bytes) => flipped(bytes, 80))],
  ['zeros', (signature) => withBytes(signature, (bytes) => bytes.map(() => 0))],
];

function withBytes({ erc191, installationKey }: Signature, change: (bytes: Uint8Array) => Uint8Array): Signature {
  if (erc191) return { erc191: { bytes: change(erc191.bytes) } };
  const { bytes = new Uint8Array(), publicKey = new Uint8Array() } = installationKey ?? {};
  return { installationKey: { bytes: change(bytes), publicKey } };
}
