// A safe as format 1 writes it, kept for ever: what this version stored must open in every later one (R-H7).
// Promises: it was made by the real enrolment with the first test wallet. Must not: be made anew when it stops opening; that is the defect.
import { describe, expect, it } from 'vitest';
import { verifyVaultSignature } from '../protocol/ours/vault-signature';
import { createTestBrowser, createTestWallet, signRequest, unlockWithWallet } from './testkit/vault.testkit';

const stored = {
  safeId: '5ae1fece02aa7861d504af6bc5cd0871',
  code: 'DPD2-NCC1-194Q-3DX9-CYTT-2EXS-QE4K-3J3W',
  identityKeyHex:
    '04d9730233b0c6030625650aa0f03523ac136c4196bc47f4b5ca34b0cd75d6b7d6029cb3586e4361c52852f15cabe79524fd035192a64a674959b06f38fa5c3c55',
  mirror: [
    'AAAEjlBLVlMBWuH+zgKqeGHVBK9rxc0IcTB4MWE2NDJmMEUzYzNhRjU0NUU3QWNCRDM4YjA3MjUxQjM5OTA5MTRGMQAABAsAAAABAgAAAANBZGEAAAAIAAABi8/laAAAAA',
    'AGbWFudWFsAAAAAAAAADNjaHJvbWUtZXh0ZW5zaW9uOi8vYWJjZGVmZ2hpamtsbW5vcGFiY2RlZmdoaWprbG1ub3AAAAI4YWJjZGVmZ2hpamtsbW5vcGFiY2RlZmdoaWpr',
    'bG1ub3Agd2FudHMgeW91IHRvIHNpZ24gaW4gd2l0aCB5b3VyIEV0aGVyZXVtIGFjY291bnQ6CjB4MWE2NDJmMEUzYzNhRjU0NUU3QWNCRDM4YjA3MjUxQjM5OTA5MTRGMQ',
    'oKVW5sb2NrIG15IFByZWtleSBWYXVsdCBpbiB0aGlzIGJyb3dzZXIuIFNpZ24gdGhpcyBvbmx5IGluIGEgd2luZG93IG9wZW5lZCBieSB0aGUgUHJla2V5IFZhdWx0IGV4',
    'dGVuc2lvbi4gQSBzaXRlIHRoYXQgZ2V0cyB0aGlzIHNpZ25hdHVyZSBjYW4gaGVscCBvcGVuIGEgc3RvbGVuIGNvcHkgb2YgdGhpcyB2YXVsdC4KClVSSTogY2hyb21lLW',
    'V4dGVuc2lvbjovL2FiY2RlZmdoaWprbG1ub3BhYmNkZWZnaGlqa2xtbm9wClZlcnNpb246IDEKQ2hhaW4gSUQ6IDEKTm9uY2U6IGRiYmYxMmZmMTRjYTE0NGM5NWFlNGI4',
    'ZGM2MDY4NDc0ZmRhMjk3NzZmZmY1YzQyMGM0OWVmN2U2Y2IyNmUzNmIKSXNzdWVkIEF0OiAyMDIzLTExLTE0VDIyOjEzOjIwLjAwMFoKUmVxdWVzdCBJRDogdmF1bHQtdW',
    '5sb2NrLXYxClJlc291cmNlczoKLSB1cm46cHJla2V5LXZhdWx0OmxvY2FsLXVubG9jazp2MQAAAAQAAAABAAAACAAAAAAAAAAGAAABHAAAAImc1Xd1qWoYxzm7pvqTwYyV',
    'AAAAAYvP5WgAHlJu9SWkmeI2HyTSdLCj9C0DjiLaBCGRS02zaWExyVDbsTcuARZ9Dt0eg64Et5GUvPzTxByMbGWleXteiyUyPLpRVrv/rlW4aixS35gARb62Zgye0e9HDC',
    'z+tWejRnThxJT1WgU4BmQAWo6xAAAAAAAAAItzChpzxA3dbcblh2cWdr4iAQAAAYvP5WgAfEFfYooAxlOcb9Qvx8KSl/k5CMJAktYKJEXXPZVPsI40qeejScJNPpF7943J',
    '4UenxgB/HyRRcHgUEDyo75BcFyCycKV2F1/5FXCX9EYWKz/fj6dMJD8UTh5bPt6r8bGwuPpGstlUKBpAgKowAAAAAgMEAAAAOgAAADYAAAAGYnVuZGxlAAAABGtleXMAAA',
    'AgrHw2CMJsJ2AOZHje4RiNw9z+WcYGD9gUoptAxMAutxa1ov023OLlqUc4JU7I9Z4MJGOBQAVhQcGI9FhI8kcmOO8aC/q6KyCypM0jOiclpkZ571Jhq0r56y9GsVGt7jFr',
    'AAAABmJ1bmRsZQAAAARrZXlzAAAB1QEAAAABAAAAAQAAAAAAAAADUwiWPufSip+p+WfNfFleAUy5qs0ahHxks4XyqIf6fRqceBk71SNHcw6BjWHD1aGEUuXqERy3s6JADU',
    '/1iH8yFUDwHbGxnzEVpbsjOKErz4MX3ohEv4KX92DdxkJLyP+uUVPFKdlT3y65n/HBgr8P7+bQ6mi8holCQEs2WHETBRLQ5F0u+HPce8+0CYbcp4WbhD1RGKPdkoLQ0ZT1',
    'Tu7n8AwM/Aj9WO1Q83ZA0LCN1B4BSmpwM1eSdDtrSiFDZKEm1V5fXXAy1AO5Ffigcjr70v2uLJ5jH5S64q9YOmeJb390rasB0tMPMe34tQlnlRD41SXT4w6rDbz4TGUyev',
    'X4vaNKV4HIonNu77Qs8CeJeyyD0KYgbBbk7TJ0hwFj30iFDI1Iy+KhMJURWdjCHY5Uyns+r531FHS1Dpuia1ocgp6pBgBE0ZSa2YvDRrNo/QWGhdo8MpJjSnQFsYjYbruL',
    'yBYuCXpsWpAmbCU6LetZNbFpG/gg84ZUawy7KSHkrePq7zhFD3dWJvBh3phLIbNv8I1J3rU3H2h38kqD/xT0tJJrx+GoQ1b9RJQ4PgBkLiEj+SqVI1hpdNkMWviKo1VYwT',
    'q0YMw=',
  ].join(''),
};

function browserWithStoredSafe() {
  const browser = createTestBrowser();
  browser.mirrorItems.set(`safe:${stored.safeId}`, JSON.stringify(stored.mirror));
  return browser.startWorker();
}

describe('R-H7 a safe of format 1', () => {
  it('opens with its wallet and signs with its keys', async () => {
    const vault = browserWithStoredSafe();
    const wallet = createTestWallet();
    expect((await vault.state()).identities).toMatchObject([
      { safeId: stored.safeId, account: wallet.account, name: 'Ada', status: 'locked' },
    ]);
    await unlockWithWallet(vault, stored.safeId, wallet);
    expect(await vault.identity.details({ safeId: stored.safeId })).toMatchObject({
      identityKeyHex: stored.identityKeyHex,
    });
    const signed = await vault.keys.sign(stored.safeId, signRequest);
    expect(verifyVaultSignature(signed, { account: wallet.account, origin: signRequest.origin }).account).toBe(
      wallet.account,
    );
  });

  it('opens with its recovery code', async () => {
    const vault = browserWithStoredSafe();
    await vault.unlock.withRecoveryCode({ safeId: stored.safeId, code: stored.code });
    expect((await vault.state()).status).toBe('unlocked');
  });
});
