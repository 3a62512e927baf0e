// For tests only: logs of inboxes as a node has them, made by hand of any actions, with the codecs of XMTP's own package.
// Promises: texts are written here once more, from the grammar; keys are made from names. Must not: use what reads a log.
import { inboxIdOf } from '../../src/protocol/inbox/inbox-id';
import { associationMessages, encoded, long, type IdentityAction, type IdentityUpdate } from './messages';
import { testApp, testKey, type TestMember } from './node-v3.testkit';

/** What is done to `who`, signed by `by`. */
export interface ActionByHand {
  readonly kind: 'create' | 'add' | 'revoke' | 'recovery';
  readonly who: TestMember;
  readonly by: TestMember;
}

export interface LogByHand {
  readonly inboxId: string;
  readonly updates: readonly Uint8Array[];
}

/** The time of the text of the update `at`, milliseconds since 1970. */
export const timeByHand = (at: number) => Date.UTC(2026, 10, 20, 23, 41, 46) + at * 1000;
export const isApp = ({ id }: TestMember) => !id.startsWith('0x');

/** The text of these actions, of the second `at` after the first. */
export function textByHand(inboxId: string, at: number, actions: readonly ActionByHand[]): string {
  const time = new Date(timeByHand(at)).toISOString().replace('.000Z', 'Z');
  const lines = actions.map(({ kind, who }) => `${linesOf[kind](isApp(who))}${who.id})`);
  return `XMTP : Authenticate to inbox\n\nInbox ID: ${inboxId}\nCurrent time: ${time}\n\n${lines.join('\n')}\n\nFor more info: https://xmtp.org/signatures`;
}

const linesOf: Record<ActionByHand['kind'], (isOfApp: boolean) => string> = {
  create: () => '- Create inbox\n  (Owner: ',
  add: (isOfApp) => (isOfApp ? '- Grant messaging access to app\n  (ID: ' : '- Link address to inbox\n  (Address: '),
  revoke: (isOfApp) =>
    isOfApp ? '- Revoke messaging access from app\n  (ID: ' : '- Unlink address from inbox\n  (Address: ',
  recovery: () => '- Change inbox recovery address\n  (Address: ',
};

export function messageByHand(inboxId: string, at: number, actions: readonly ActionByHand[]): IdentityUpdate {
  const text = textByHand(inboxId, at, actions);
  return {
    inboxId,
    clientTimestampNs: long(BigInt(timeByHand(at)) * 1_000_000n + 123_456_789n),
    actions: actions.map((action) => messageOf(action, text)),
  };
}

export const bytesOf = (update: IdentityUpdate) => encoded(associationMessages.IdentityUpdate, update);

function messageOf({ kind, who, by }: ActionByHand, text: string): IdentityAction {
  const signature = by.signText(text);
  if (kind === 'create')
    return {
      createInbox: {
        initialIdentifier: who.id,
        nonce: long(1n),
        initialIdentifierKind: 1,
        initialIdentifierSignature: signature,
      },
    };
  if (kind === 'add')
    return {
      add: {
        newMemberIdentifier: who.identifier,
        existingMemberSignature: signature,
        newMemberSignature: who.signText(text),
      },
    };
  if (kind === 'revoke') return { revoke: { memberToRevoke: who.identifier, recoveryIdentifierSignature: signature } };
  return {
    changeRecoveryAddress: {
      newRecoveryIdentifier: who.id,
      newRecoveryIdentifierKind: 1,
      existingRecoveryIdentifierSignature: signature,
    },
  };
}

/** The inbox that this key makes with nonce 1, and its log: one update for each list of actions. */
export function logByHand(owner: TestMember, lists: readonly (readonly ActionByHand[])[]): LogByHand {
  const inboxId = inboxIdOf(owner.id, 1);
  return { inboxId, updates: lists.map((actions, at) => bytesOf(messageByHand(inboxId, at, actions))) };
}

/** People and apps of an inbox with a life: every kind of action, also several in one update. */
export function livedIn(name: string) {
  const [owner, wallet, friend] = ['owner', 'wallet', 'friend'].map((one) => testKey(`${one} of ${name}`)) as [
    TestMember,
    TestMember,
    TestMember,
  ];
  const [first, second, third] = ['first', 'second', 'third'].map((one) => testApp(`${one} of ${name}`)) as [
    TestMember,
    TestMember,
    TestMember,
  ];
  const lists: ActionByHand[][] = [
    [
      { kind: 'create', who: owner, by: owner },
      { kind: 'add', who: first, by: owner },
    ],
    [{ kind: 'add', who: wallet, by: first }],
    // No app of today does these two at once.
    [
      { kind: 'add', who: second, by: wallet },
      { kind: 'add', who: friend, by: wallet },
    ],
    [{ kind: 'add', who: third, by: owner }],
    [{ kind: 'revoke', who: first, by: owner }],
    [{ kind: 'recovery', who: wallet, by: owner }],
    [{ kind: 'revoke', who: owner, by: wallet }],
  ];
  const left = new Map<string, string | undefined>([
    [wallet.id, first.id],
    [second.id, wallet.id],
    [friend.id, wallet.id],
  ]);
  return { owner, wallet, friend, first, second, third, lists, left, ...logByHand(owner, lists) };
}
