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
      decide: async () => void told++,
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

test('what shows no identity, or is no longer there, cannot be approved', async () => {
  for (const shown of [undefined, { kind: 'unlock', safeId } as const])
    expect(await decide(shown, 'unlocked')).toEqual({ outcome: 'stale', told: 0 });
});
