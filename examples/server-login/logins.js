// What the server does: it makes challenges, and takes each answer once.
import { randomBytes } from 'node:crypto';
import { verifyVaultSignature, vaultSignatureFromJson } from '@prekey-vault/sdk/verify';
import { challengeText, readChallenge } from './challenge.js';

export const purpose = 'Log in';
const statement = 'Log in to the example. This costs nothing and moves nothing.';
const lastsMs = 5 * 60_000;

/** Why an answer is not taken. The words are for a log; a page is told "no". */
export class LoginError extends Error {}

/** `origin`: where the page is served. A server with several processes keeps `open` where all of them see it. */
export function createLogins({ origin, chainId = 1, nowMs = Date.now }) {
  /** Nonces that were given out and not used yet, with when they end. */
  const open = new Map();

  return {
    /** A text for one account, to be signed within five minutes. */
    challenge(address) {
      for (const [nonce, endsAtMs] of open) if (endsAtMs <= nowMs()) open.delete(nonce);
      const nonce = randomBytes(16).toString('hex');
      open.set(nonce, nowMs() + lastsMs);
      const [issuedAt, expirationTime] = [nowMs(), nowMs() + lastsMs].map((ms) => new Date(ms).toISOString());
      const domain = new URL(origin).host;
      return challengeText({ domain, address, statement, uri: origin, chainId, nonce, issuedAt, expirationTime });
    },

    /** The account that answered, once for each challenge. Throws LoginError. */
    logIn(json) {
      const answer = vaultSignatureFromJson(json);
      const text = new TextDecoder().decode(answer.signed.payload);
      const fields = readChallenge(text);
      if (!fields) throw new LoginError('not a challenge of ours');
      if (fields.domain !== new URL(origin).host || fields.uri !== origin)
        throw new LoginError('made for another site');
      if (fields.chainId !== chainId || fields.statement !== statement) throw new LoginError('other terms');
      // Used up before anything is looked at that takes time: two answers at once are one.
      if (!open.has(fields.nonce)) throw new LoginError('unknown or used nonce');
      open.delete(fields.nonce);
      if (nowMs() < Date.parse(fields.issuedAt) || nowMs() >= Date.parse(fields.expirationTime))
        throw new LoginError('out of time');
      // Last and decisive: the account in the text vouched for the key that signed this text, for this site, just now.
      return verifyVaultSignature(answer, {
        account: fields.address,
        origin,
        payload: text,
        purpose,
        maxAgeMs: lastsMs,
        nowMs: nowMs(),
      }).account;
    },
  };
}
