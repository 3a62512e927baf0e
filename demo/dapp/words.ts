// What codes, grants and refusals are called on the page.
// Promises a sentence for every code and reason the sdk can give; an error says what happened and what to do.
// Must not show a raw message where words of our own exist.
import { hex as base16 } from '@scure/base';
import type {
  Capability,
  Duration,
  Grant,
  PrekeyVaultErrorCode,
  PrekeyVaultNetworkTrouble,
  PrekeyVaultRejectedReason,
  VaultSignatureRefusal,
} from '../../src/sdk/index';
import { PrekeyVaultError, VaultSignatureError } from '../../src/sdk/index';

/** One trouble as the page shows it. `code` is for people who look things up. */
export interface Trouble {
  title: string;
  advice: string;
  code: string;
}

const byCode: Readonly<Record<PrekeyVaultErrorCode, { title: string; advice: string }>> = {
  4001: { title: 'The request was not approved.', advice: 'Nothing was signed and nothing was shared.' },
  4100: { title: 'Quill may not do that.', advice: 'Connect first, and allow it in the vault.' },
  4200: {
    title: 'Your vault does not know this request.',
    advice: 'It is probably older than Quill. Update the extension.',
  },
  4900: { title: 'The vault is out of reach.', advice: 'It was updated or turned off. Reload this page.' },
  [-32600]: { title: 'The vault could not read the request.', advice: 'This is a fault of Quill. Nothing happened.' },
  [-32602]: {
    title: 'Something in the request does not fit.',
    advice: 'Check the purpose and the text. Nothing happened.',
  },
  [-32603]: { title: 'The vault could not do this.', advice: 'Nothing was changed. Try again.' },
  [-32002]: { title: 'The same question is already waiting.', advice: 'Answer it in the vault first.' },
  [-32005]: {
    title: 'That was too much at once.',
    advice: 'Answer what is waiting in the vault, or sign a shorter text.',
  },
};

const byReason: Readonly<Record<PrekeyVaultRejectedReason, { title: string; advice: string }>> = {
  rejected: {
    title: 'You said no.',
    advice: 'Nothing was signed and nothing was shared. You can ask again at any time.',
  },
  expired: {
    title: 'The request ran out of time.',
    advice: 'A request waits five minutes. Nothing happened; ask again.',
  },
  superseded: {
    title: 'Another request took its place.',
    advice: 'Nothing happened to this one. Ask again if you still want it.',
  },
  interrupted: { title: 'The request was interrupted.', advice: 'Nothing was signed. Ask again.' },
};

const byNetwork: Readonly<Record<PrekeyVaultNetworkTrouble, { title: string; advice: string }>> = {
  none: {
    title: 'The vault has no message service yet.',
    advice: 'Set one in the settings of the vault. Nothing was sent.',
  },
  unreachable: {
    title: 'The message service does not answer.',
    advice: 'Perhaps it was not sent. Try again in a moment; nothing arrives twice.',
  },
  refused: {
    title: 'The message service refused it.',
    advice: 'It was not sent. It may be too large, or too much at once.',
  },
  'bad-answer': {
    title: 'The message service gave an answer that makes no sense.',
    advice: 'Look at its address in the settings of the vault.',
  },
  changed: { title: 'Another message service was set in the vault.', advice: 'Nothing was sent there. Send it again.' },
};

/** What to show when a step of the messages failed: with words of their own for what the client says, else as `troubleOf`. */
export function chatTroubleOf(thrown: unknown): Trouble {
  const message = thrown instanceof Error ? thrown.message : '';
  const known = chatTroubles.find(({ sign }) => sign.test(message));
  if (known && !(thrown instanceof PrekeyVaultError))
    return { title: known.title, advice: known.advice, code: known.code };
  const { title, advice, code } = troubleOf(thrown);
  // What did not come from the vault says less: the network and the client have no list of codes.
  return code === 'error'
    ? { title: 'That did not work.', advice: 'The message service may be out of reach. Try again.', code }
    : { title, advice, code };
}

const chatTroubles = [
  {
    sign: /not on the XMTP network|not registered/,
    title: 'This person cannot get messages yet.',
    advice: 'They have to start a messaging app once. Check the address, too.',
    code: 'no-contact',
  },
  { sign: /self messaging/, title: 'That is your own address.', advice: 'Write to somebody else.', code: 'self' },
  {
    sign: /Address .* is invalid|invalid address/i,
    title: 'That is no address.',
    advice: 'An address begins with 0x and has 40 digits after it.',
    code: 'address',
  },
  {
    sign: /fetch|network|ECONNREFUSED|Load failed/i,
    title: 'The message service does not answer.',
    advice: 'Nothing was lost. Try again in a moment.',
    code: 'network',
  },
];

/** What to show for anything that was thrown. */
export function troubleOf(thrown: unknown): Trouble {
  if (thrown instanceof PrekeyVaultError) {
    const { reason, network } = thrown;
    const words =
      (reason === undefined ? undefined : byReason[reason]) ??
      (network === undefined ? undefined : byNetwork[network]) ??
      byCode[thrown.code];
    const details = [reason, thrown.field, network].filter((detail) => detail !== undefined);
    return { ...words, code: [String(thrown.code), ...details].join(' · ') };
  }
  if (thrown instanceof VaultSignatureError) {
    return { title: 'The signature does not check.', advice: refusalWords[thrown.reason], code: thrown.reason };
  }
  return {
    title: 'Something went wrong in Quill.',
    advice: 'Nothing was signed. Reload the page and try again.',
    code: 'error',
  };
}

/** Why a signature is not believed, as the end of a story. */
export const refusalWords: Readonly<Record<VaultSignatureRefusal, string>> = {
  malformed: 'Parts of it are damaged or missing.',
  'wrong-account': 'It was made for another account.',
  'wrong-origin': 'It was made for another site.',
  'wrong-purpose': 'It was made for another purpose.',
  'wrong-payload': 'Another text was signed.',
  'too-old': 'It is too old.',
  'from-the-future': 'Its date lies in the future.',
  'identity-key-invalid': 'The account never signed this identity key.',
  'prekey-invalid': 'The identity key never signed this prekey.',
  'signature-invalid': 'The prekey never signed these words.',
};

/** What a capability lets a site do. */
export const capabilityWords: Readonly<Record<Capability, { label: string; hint: string }>> = {
  identity: { label: 'See your public keys', hint: 'The identity key and the current prekey.' },
  sign: { label: 'Ask you for signatures', hint: 'The vault shows each text before it signs.' },
  'messages.read': { label: 'Read your messages', hint: 'The vault opens them; their keys stay inside.' },
  'messages.write': { label: 'Write messages as you', hint: 'Signed and sealed in the vault.' },
  preferences: { label: 'Know who may write to you', hint: 'The private list of people you allowed or blocked.' },
  notifications: { label: 'Recognise your messages', hint: 'For a server that sends notifications.' },
  'network.token': { label: 'Ask for passes to the network', hint: 'Asked every time. Quill needs none.' },
  'xmtp.v3': { label: 'Use your XMTP inbox key', hint: 'The vault shows each text before it signs.' },
  'xmtp.v3.archive': { label: 'Make and open archives of messages', hint: 'Asked every time.' },
};

/** How long a grant lasts, as a choice. */
export const durationWords: Readonly<Record<Duration, string>> = {
  once: 'Only once',
  'until-locked': 'Until you lock the vault',
  '1h': 'One hour',
  '1d': 'One day',
  '30d': '30 days',
  'until-revoked': 'Until you revoke it',
};

/** When a grant ends, for the list of grants. */
export function endWords(grant: Grant): string {
  return grant.expiresAtMs === null ? `${durationWords[grant.duration]}.` : `Until ${dateTime(grant.expiresAtMs)}.`;
}

/** A date and time in the reader's own manner. */
export function dateTime(ms: number): string {
  return new Intl.DateTimeFormat(undefined, { dateStyle: 'medium', timeStyle: 'short' }).format(ms);
}

/** A date in the reader's own manner. */
export function dateOnly(ms: number): string {
  return new Intl.DateTimeFormat(undefined, { dateStyle: 'medium' }).format(ms);
}

/** A time today, or a date: what is short and still says enough in a list. */
export function timeOrDate(ms: number, nowMs = Date.now()): string {
  const isToday = new Date(ms).toDateString() === new Date(nowMs).toDateString();
  return new Intl.DateTimeFormat(undefined, isToday ? { timeStyle: 'short' } : { dateStyle: 'medium' }).format(ms);
}

/** 0x1234…abcd */
export function shortAddress(account: string): string {
  return `${account.slice(0, 6)}…${account.slice(-4)}`;
}

/** The beginning and end of bytes in hex; `skip` leaves out bytes that are always the same. */
export function shortHex(bytes: Uint8Array, skip = 0): string {
  const digits = hex(bytes.subarray(skip));
  return `${digits.slice(0, 8)}…${digits.slice(-8)}`;
}

/** Lower-case hex. */
export function hex(bytes: Uint8Array): string {
  return base16.encode(bytes);
}
