// What the gate asks before a decision of a person counts: an identity that is there, and open.
import { expect, test } from 'vitest';
import type { ApprovalCard } from '../../contract/pages/approvals';
import type { IdentitySummary } from '../../contract/pages/identity';
import { createHandlers } from './handlers';

const safeId = 'a'.repeat(32);
const decision = { kind: 'sign', remember: null } as const;

/** What a decision about a card comes to, and whether the vault was told of it. */
async function decide(
  shown: Partial<ApprovalCard['shown']> | undefined,
  status: IdentitySummary['status'] | undefined,
  answer: object = decision,
): Promise<{ outcome: string; told: number }> {
  let told = 0;
  const vault = {
    approvals: {
      list: async () => (shown ? [{ id: 'R1', shown }] : []),
      decideAll: async () => (told++, []),
    },
    enrolment: {},
    unlock: {},
    state: async () => ({ identities: status ? [{ safeId, status }] : [] }),
    touch: async () => undefined,
  };
  const handlers = createHandlers({ vault, router: { settle: async () => undefined } } as never);
  const outcome = await handlers
    .approvals_decide({ id: 'R1', digest: 'd', nonce: 'n', decision: answer } as never)
    .then(
      () => 'done',
      (error: { reason: string }) => error.reason,
    );
  return { outcome, told };
}

test('P2 a card is approved only while its identity is open', async () => {
  const sign = { kind: 'sign', safeId } as const;
  expect(await decide(sign, 'unlocked')).toEqual({ outcome: 'done', told: 1 });
  for (const status of ['locked', 'enrolling', 'damaged'] as const)
    expect(await decide(sign, status)).toEqual({ outcome: 'locked', told: 0 });
  expect(await decide(sign, undefined)).toEqual({ outcome: 'not-found', told: 0 });
});

test('a connection is judged by the identity that the person chose for it, and a rejection by none', async () => {
  const connect = { kind: 'connect' } as const;
  const chosen = { kind: 'connect', safeId, capabilities: ['identity'], duration: 'day' };
  expect(await decide(connect, 'locked', chosen)).toEqual({ outcome: 'locked', told: 0 });
  expect(await decide(connect, 'unlocked', chosen)).toEqual({ outcome: 'done', told: 1 });
  expect(await decide(connect, 'locked', { kind: 'reject' })).toEqual({ outcome: 'done', told: 1 });
});

test('a card says what the person calls its peers, and is shown without names where they cannot be read', async () => {
  const [peer, name] = [`0x${'b'.repeat(40)}`, 'Bob'];
  const asked: unknown[] = [];
  const cards = (named: () => Promise<unknown>) => {
    const messages = {
      id: 'R1',
      origin: 'https://a.example',
      shown: { kind: 'messages', safeId, facts: { peers: [peer] } },
    };
    const sign = { id: 'R2', origin: 'https://a.example', shown: { kind: 'sign', safeId } };
    const vault = {
      approvals: { list: async () => [messages, sign], get: async () => undefined },
      grants: { list: async () => [] },
      people: { named: async (...args: unknown[]) => (asked.push(args), named()) },
      enrolment: {},
      unlock: {},
    };
    const prompts = { inOrder: async (all: unknown) => all };
    return createHandlers({ vault, prompts } as never).approvals_list({});
  };
  const person = { account: peer, name, namedAtMs: 1 };
  expect((await cards(async () => [person])).map(({ names }) => names)).toEqual([[person], []]);
  expect(asked).toEqual([[safeId, [peer]]]);
  const locked = await cards(() => Promise.reject(new Error('locked')));
  expect(locked.map(({ names }) => names)).toEqual([[], []]);
});

test('the own phrase and the wallet faces go with the last identity, and stay with any other', async () => {
  for (const [status, gone] of [
    ['empty', [null, 'faces']],
    ['locked', []],
  ] as const) {
    const told: unknown[] = [];
    const vault = {
      grants: { list: async () => [] },
      identity: { forget: async () => undefined },
      state: async () => ({ status }),
      ownPhrase: { set: async (own: unknown) => void told.unshift(own) },
      enrolment: {},
      unlock: {},
    };
    const faces = { clear: async () => void told.unshift('faces') };
    await createHandlers({ vault, faces } as never).identity_forget({ safeId, typed: 'x' });
    expect(told).toEqual(gone);
  }
});

test('what shows no identity, or is no longer there, cannot be approved', async () => {
  for (const shown of [undefined, { kind: 'unlock', safeId } as const])
    expect(await decide(shown, 'unlocked')).toEqual({ outcome: 'stale', told: 0 });
});
