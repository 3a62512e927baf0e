// What the embedded node holds for an account, read as a peer or as the owner's wallet would, and ways to stop a client at the node.
// Promises only public topics and the person's own signature are used. Must not: ask the extension anything.
import type { TestNode } from '../../demo/node/node';
import { currentContact } from '../../src/protocol/keys/contact-bundle';
import { bytesToHex } from '../../src/protocol/base/bytes';
import {
  decodeEncryptedPrivateKeyBundle,
  openEncryptedPrivateKeyBundle,
} from '../../src/protocol/keys/encrypted-bundle';
import { enableIdentityText } from '../../src/protocol/keys/wallet-text';
import { validatePrivateKeyBundle } from '../../src/protocol/keys/bundles';
import type { Person } from './flows';

export const copyTopic = (address: string) => `/xmtp/0/privatestore-${address}/key_bundle/proto`;
export const contactTopic = (address: string) => `/xmtp/0/contact-${address}/proto`;

const newestFirst = (node: TestNode, topic: string) => node.stored(topic).toReversed();

/** The contact that counts now: its version and its public keys in hex. Undefined when there is none. */
export function contactOn(
  node: TestNode,
  address: string,
): { version: 1 | 2; identityKeyHex: string; preKeyHex: string } | undefined {
  const contact = currentContact(
    address,
    newestFirst(node, contactTopic(address)).map(({ message }) => message),
  );
  if (!contact) return undefined;
  const { identityKey, preKey } = contact.bundle;
  return {
    version: contact.version,
    identityKeyHex: bytesToHex(identityKey.publicKey),
    preKeyHex: bytesToHex(preKey.publicKey),
  };
}

/** The public keys of the newest sealed copy, opened with the person's wallet. Throws when it does not open or does not check. */
export function copyOn(node: TestNode, person: Person): { identityKeyHex: string; preKeyHexes: string[] } {
  const { address } = person.account;
  const [newest] = newestFirst(node, copyTopic(address));
  if (!newest) throw new Error('there is no copy on the node');
  const { walletPreKey } = decodeEncryptedPrivateKeyBundle(newest.message);
  const { bundle } = openEncryptedPrivateKeyBundle(newest.message, person.sign(enableIdentityText(walletPreKey)));
  validatePrivateKeyBundle(bundle, { expectedAddress: address });
  return {
    identityKeyHex: bytesToHex(bundle.identityKey.publicKey.publicKey),
    preKeyHexes: bundle.preKeys.map(({ publicKey }) => bytesToHex(publicKey.publicKey)),
  };
}

/** Holds the `wanted`-th publish call from now on, before or after it takes effect. */
export function holdPublish(
  node: TestNode,
  wanted: number,
  isExecuted: boolean,
): { reached: Promise<void>; letGo(): void } {
  let count = 0;
  let letGo = () => {};
  const released = new Promise<void>((resolve) => (letGo = resolve));
  let hasReached = () => {};
  const reached = new Promise<void>((resolve) => (hasReached = resolve));
  const fault: TestNode['faults'][number] = async (request) => {
    if (request.call !== 'publish' || ++count !== wanted) return undefined;
    if (isExecuted) await request.honest();
    hasReached();
    await released;
    return { status: 0, isCut: true };
  };
  node.faults.push(fault);
  return {
    reached,
    letGo() {
      node.faults.splice(node.faults.indexOf(fault), 1);
      letGo();
    },
  };
}
