// What leaves for a page at the very last step.
import { expect, test } from 'vitest';
import { createOpenRequests } from './open-requests';
import type { Attached } from './request';
import type { Approvals } from '../../vault/consent/approvals/approvals';
import { errorCode } from '../../contract/errors';

const origin = 'https://dapp.example';

/** What a page hears for a result when its site is blocked or not at the moment it leaves. */
function heard(method: string, isBlocked: boolean): unknown {
  const open = createOpenRequests({} as Approvals, () => (isBlocked ? 'blocked' : undefined));
  const answers: unknown[] = [];
  const request: Attached = {
    id: 'a'.repeat(32),
    method,
    dapp: { kind: 'dapp', origin, documentKey: 'document', tabId: 1 },
    bytes: 0,
    isClicked: false,
    answer: (outcome) => void answers.push(outcome),
    again: async () => undefined,
  };
  open.attach(request);
  open.finish(request, { result: ['something'] });
  expect(answers).toHaveLength(1);
  return answers[0];
}

test('P2 R-B6 what leaves while the site is blocked is what a stranger gets, whatever was made before', () => {
  expect(heard('vault_sign', true)).toMatchObject({ error: { code: errorCode.unauthorized } });
  expect(heard('vault_accounts', true)).toEqual({ result: [] });
  expect(heard('vault_getCapabilities', true)).toEqual({ result: ['something'] });
  expect(heard('vault_sign', false)).toEqual({ result: ['something'] });
});
