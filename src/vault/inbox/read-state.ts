// What a log that a node showed says of an inbox, beside what was signed here: how full it is, and what this vault did not know.
// Promises: pure; nothing is concluded from updates that were not verified. Must not: decide who is recovery for a signature; ledger.ts does.
import type { InboxMeters, InboxRead } from '../../contract/pages/inbox';
import { withoutMember } from '../../protocol/inbox/association';
import { isInstallation } from '../../protocol/inbox/identity-update';
import { grants, metersOf, noteOf, roleIn, textsOf } from './ledger';
import type { Ledger, LedgerEntry } from './ledger-record';
import type { KnownLog } from './log-record';

/** How full an inbox is: by the log, if all of it was verified and the person has not said other numbers since; else as the ledger counts. */
export function metersBy(ledger: Ledger, log: KnownLog | undefined, inboxId: string): InboxMeters {
  const saidAtMs = noteOf(ledger, inboxId)?.said?.atMs ?? 0;
  if (!log || log.end !== null || saidAtMs > log.atMs) return metersOf(ledger, inboxId);
  const since = textsSince(ledger, log);
  const installations = installationsIn(membersAfter(log.members, since)).length;
  return { installations, updates: log.listed + since.length, isSaid: false, isRead: true };
}

/** What the page says of it. */
export function readOf(ledger: Ledger, log: KnownLog, own: readonly string[]): InboxRead {
  const { inboxId, atMs, nodeUrl, listed, checked, end, recovery, members } = log;
  const since = textsSince(ledger, log);
  const before = textsOf(ledger, inboxId).filter((text) => !since.includes(text));
  const now = membersAfter(members, since);
  const last = lastWords(before);
  const strangers = installationsIn(members)
    .filter((id) => now.has(id) && last.get(id) !== 'in')
    .map((installationId) => {
      const addedBy = members.get(installationId) ?? '';
      return { installationId, addedBy, isByUs: own.includes(addedBy), isRevokedHere: last.has(installationId) };
    });
  const isRecoveryOurs = own.includes(recovery);
  const isHandedOver = since.some(({ shape }) => shape === 'recovery');
  return {
    atMs,
    nodeUrl,
    listed,
    checked,
    unread: end,
    recovery,
    isRecoveryOurs,
    isRecoveryAsKnown: end !== null || isHandedOver || isRecoveryOurs === (roleIn(ledger, inboxId, own) === 'recovery'),
    addresses: [...members.keys()].filter((member) => !isInstallation(member)),
    strangers,
    // What joined in updates that were not verified is not missing.
    gone: end === null ? [...last].filter(([id, word]) => word === 'in' && !members.has(id)).map(([id]) => id) : [],
  };
}

/** Texts that were signed after the node was asked. */
function textsSince(ledger: Ledger, { inboxId, atMs }: KnownLog): LedgerEntry[] {
  return textsOf(ledger, inboxId).filter((text) => text.atMs > atMs);
}

/** Members once these texts have taken effect. */
function membersAfter(before: KnownLog['members'], texts: readonly LedgerEntry[]): Map<string, string | undefined> {
  let members = new Map(before);
  for (const { shape, values, identifier } of texts)
    for (const value of values) {
      if (grants(shape) || shape === 'link') members.set(value, identifier);
      if (shape === 'revoke' || shape === 'unlink') members = withoutMember(members, value);
    }
  return members;
}

/** What was signed last of each installation: that it is in, or out. */
function lastWords(texts: readonly LedgerEntry[]): Map<string, 'in' | 'out'> {
  const words = new Map<string, 'in' | 'out'>();
  for (const { shape, values } of texts)
    for (const value of values)
      if (grants(shape)) words.set(value, 'in');
      else if (shape === 'revoke') words.set(value, 'out');
  return words;
}

const installationsIn = (members: KnownLog['members']) => [...members.keys()].filter(isInstallation);
