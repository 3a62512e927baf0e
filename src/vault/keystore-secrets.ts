// Message keys shared with peers: agreed upon once per pair of bundles, then a handle in memory.
// Promises: a known peer costs no arithmetic of the curve; opened private keys are used in blocks short enough for others to get their turn.
// Must not: keep the bytes of a shared secret. They are imported and wiped.
import { VaultError } from '../contract/errors';
import { ProtocolError } from '../protocol/errors';
import { signedBytesOf, type PublicKey, type SignedPublicKey } from '../protocol/keys';
import { swapRole } from '../protocol/shared-secret';
import { asBytes, type Bytes } from './encoding';
import { latin1, type KeystoreCall } from './keystore-call';
import { keystoreLimits } from './keystore-limits';
import type { PairKeys } from './keystore-memory';
import { importMessageKey } from './message-crypto';
import { agree, type Agreement } from './private-messages';

/**
 * The message keys of each agreement, in order; a refusal stays where it is, and a peer whose prekey its identity key did not
 * sign gets the ProtocolError that says so. Throws what opening the bundle throws.
 */
export async function pairsFor(
  call: KeystoreCall,
  wanted: readonly ({ agreement: Agreement } | ProtocolError)[],
): Promise<(PairKeys | ProtocolError)[]> {
  const found = new Map<string, PairKeys | ProtocolError>();
  const missing = new Map<string, Agreement>();
  const names = wanted.map((one) => (one instanceof ProtocolError ? one : nameOf(one.agreement)));
  wanted.forEach((one, index) => {
    const name = names[index];
    if (one instanceof ProtocolError || typeof name !== 'string') return;
    const known = call.memory.pairs.get(name);
    if (known) found.set(name, known);
    else missing.set(name, one.agreement);
  });
  const all = [...missing];
  for (let start = 0; start < all.length; start += keystoreLimits.agreementsOfBlock) {
    const block = all.slice(start, start + keystoreLimits.agreementsOfBlock);
    const secrets = await call.withBundleSecret((bundleSecret) => agree(bundleSecret, block.map(([, agreement]) => agreement)));
    for (const [index, [name]] of block.entries()) found.set(name, await takePair(call, name, secrets[index]));
  }
  return names.map((name) => (typeof name === 'string' ? (found.get(name) as PairKeys | ProtocolError) : name));
}

async function takePair({ memory }: KeystoreCall, name: string, secret: Bytes | ProtocolError | undefined): Promise<PairKeys | ProtocolError> {
  if (secret === undefined) throw new VaultError('damaged');
  if (secret instanceof ProtocolError) return secret;
  const swappedSecret = asBytes(swapRole(secret));
  try {
    const pair = { sender: await importMessageKey(secret), recipient: await importMessageKey(swappedSecret) };
    memory.pairs.set(name, pair);
    return pair;
  } finally {
    secret.fill(0);
    swappedSecret.fill(0);
  }
}

/** Everything the outcome depends on: both keys of the peer with the signature between them, and our prekey. */
function nameOf({ peer, preKey }: Agreement): string {
  return [latin1(peer.identityKey.publicKey), keyName(peer.preKey), latin1(preKey.legacy.publicKey)].join('');
}

/** Both generations of a key have the same signed bytes, and then the same name. */
function keyName(key: PublicKey | SignedPublicKey): string {
  const signed = signedBytesOf(key);
  return `${signed.length} ${latin1(signed)}${key.signature ? latin1(key.signature.bytes) + key.signature.kind : ''}`;
}
