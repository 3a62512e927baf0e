// The rules of inboxes, with updates whose signers are only named: what signatures are worth is tested where they are verified.
import { describe, expect, it } from 'vitest';
import { reasonOf } from '../testkit/refusal.testkit';
import { afterUpdate, mostMembers, withoutMember, type Association } from './association';
import type { SignedAction } from './identity-update';

const [owner, key] = [`0x${'1'.repeat(40)}`, `0x${'2'.repeat(40)}`];
const installation = (at: number) => at.toString(16).padStart(64, '0');
let signatures = 0;
const by = (signer: string) => ({ signer, bytes: `${++signatures}` });
const add = (member: string, existing = owner): SignedAction => ({
  kind: 'add',
  member,
  by: by(existing),
  own: by(member),
});
const after = (before: Association | undefined, ...actions: SignedAction[]) =>
  afterUpdate(before, { inboxId: 'a'.repeat(64), text: '', actions });
const made = after(undefined, { kind: 'create', member: owner, by: by(owner) });

describe('an inbox', () => {
  it('takes an update whole or not at all, and never changes what was before', () => {
    const before = structuredClone(made);
    expect(reasonOf(() => after(made, add(key), add(installation(1), installation(2))))).toBe('bad-identity-update');
    expect(made).toEqual(before);
  });

  it('lets an update build on its own first actions', () => {
    const { members } = after(made, add(key), add(installation(1), key));
    expect([...members]).toEqual([
      [owner, undefined],
      [key, owner],
      [installation(1), key],
    ]);
  });

  it('loses with an address the apps it let in, and keeps the addresses', () => {
    const { members } = after(made, add(key), add(installation(1), key), add(`0x${'3'.repeat(40)}`, key));
    expect([...withoutMember(members, key).keys()]).toEqual([owner, `0x${'3'.repeat(40)}`]);
  });

  it('refuses each signature that was used before, of whoever signs', () => {
    const link = add(key);
    const linked = after(made, link);
    expect(reasonOf(() => after(linked, link))).toBe('bad-identity-update');
    const own = link.kind === 'add' ? link.own : by(key);
    expect(reasonOf(() => after(linked, { kind: 'add', member: key, by: by(owner), own }))).toBe('bad-identity-update');
  });

  it('has at most as many members as are kept, which is more than any inbox has', () => {
    const crowd = Array.from({ length: mostMembers - 1 }, (_, at) => add(installation(at)));
    const full = after(made, ...crowd);
    expect(full.members.size).toBe(mostMembers);
    expect(reasonOf(() => after(full, add(key)))).toBe('unverifiable-update');
    expect(reasonOf(() => after(full, add(installation(0))))).toBe('accepted');
  });
});
