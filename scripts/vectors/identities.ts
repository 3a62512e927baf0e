// The identities a vector file lists, by their labels.
import type { PrivateKeyBundleV1 } from '../../src/protocol/keys/bundles';
import { decodePrivateKeyBundle } from '../../src/protocol/keys/bundles';
import { hexToBytes } from '../../src/protocol/base/bytes';
import type { VectorSet } from './compare';
import { Mismatch } from './compare';

/** The private bundle behind a label. Fails the vector when the file does not list it. */
export function bundleOf(set: VectorSet, label: string): PrivateKeyBundleV1 {
  const entry = set.identities?.[label];
  if (!entry) throw new Mismatch(`no identity ${label} in the file`);
  return legacyBundle(entry['privateKeyBundleProto_v1'] as string);
}

/** The private bundle in these hex bytes of a versioned PrivateKeyBundle. */
export function legacyBundle(hex: string): PrivateKeyBundleV1 {
  const decoded = decodePrivateKeyBundle(hexToBytes(hex));
  if (decoded.version !== 1) throw new Mismatch('not a legacy bundle');
  return decoded.bundle;
}
