// Message keys shared with peers: agreed upon once per pair of bundles, then a handle in memory.
// Promises: a known peer costs no arithmetic of the curve; opened private keys are used in blocks short enough for others to get their turn.
// Must not: keep the bytes of a shared secret. They are imported and wiped.
import { VaultError } from '../../contract/errors';
import { bytesToLatin1 } from '../../protocol/base/bytes';
import { ProtocolError } from '../../protocol/base/errors';
import { signedBytesOf, type PublicKey, type SignedPublicKey } from '../../protocol/keys/keys';
import { peerDefect, swapRole } from '../../protocol/keys/shared-secret';
import { asBytes, type Bytes } from '../store/encoding';
import type { KeystoreCall } from './call';
import { keystoreLimits } from '../store/limits';
import type { PairKeys } from '../keys/identity-memory';
import { importMessageKey, importTopicKey } from './message-crypto';
import { agree, type Agreement } from '../keys/message-keys';
import { inSlices } from '../work/slices';

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
  /** Many messages of one peer come with one agreement. */
  const named = new Map<Agreement, string>();
  // In slices: telling whether a stranger's key can be one is arithmetic as well.
  const names = await inSlices(call.take, wanted, (one) => {
    if (one instanceof ProtocolError) return one;
    const before = named.get(one.agreement);
    if (before !== undefined) return before;
    const name = nameOf(one.agreement);
    named.set(one.agreement, name);
    if (found.has(name) || missing.has(name)) return name;
    const known = call.memory.pairs.get(name) ?? call.memory.refusals.get(name) ?? peerDefect(one.agreement.peer);
    if (known) found.set(name, known);
    else missing.set(name, one.agreement);
    return name;
  });
  const all = [...missing];
  for (let start = 0; start < all.length; start += keystoreLimits.agreementsOfBlock) {
    const block = all.slice(start, start + keystoreLimits.agreementsOfBlock);
    const secrets = await call.take(() =>
      call.withBundleSecret((bundleSecret) =>
        agree(
          bundleSecret,
          block.map(([, agreement]) => agreement),
        ),
      ),
    );
    for (const [index, [name]] of block.entries()) found.set(name, await takePair(call, name, secrets[index]));
  }
  return names.map((name) => (typeof name === 'string' ? (found.get(name) as PairKeys | ProtocolError) : name));
}

async function takePair(
  { memory, origin }: KeystoreCall,
  name: string,
  secret: Bytes | ProtocolError | undefined,
): Promise<PairKeys | ProtocolError> {
  if (secret === undefined) throw new VaultError('damaged');
  if (secret instanceof ProtocolError) {
    memory.refusals.set(name, secret, origin);
    return secret;
  }
  const swappedSecret = asBytes(swapRole(secret));
  try {
    const topics = { sender: await importTopicKey(secret), recipient: await importTopicKey(swappedSecret) };
    const pair = { sender: await importMessageKey(secret), recipient: await importMessageKey(swappedSecret), topics };
    memory.pairs.set(name, pair, origin);
    return pair;
  } finally {
    secret.fill(0);
    swappedSecret.fill(0);
  }
}

/** Everything the outcome depends on: both keys of the peer with the signature between them, and our prekey. */
function nameOf({ peer, preKey }: Agreement): string {
  return [bytesToLatin1(peer.identityKey.publicKey), keyName(peer.preKey), bytesToLatin1(preKey.legacy.publicKey)].join(
    '',
  );
}

/** Both generations of a key have the same signed bytes, and then the same name. */
function keyName(key: PublicKey | SignedPublicKey): string {
  const signed = signedBytesOf(key);
  return `${signed.length} ${bytesToLatin1(signed)}${key.signature ? bytesToLatin1(key.signature.bytes) + key.signature.kind : ''}`;
}
