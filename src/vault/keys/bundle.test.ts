// The bundle as it is lent: what it was read into is overwritten, whatever came of it.
import { expect, it } from 'vitest';
import { encodePrivateKeyBundleV1, type PrivateKeyBundleV1 } from '../../protocol/keys/bundles';
import { identityPool } from '../../protocol/testkit/reference.testkit';
import { withBundle } from './bundle';

const [ada] = (await identityPool(1)).map(({ ours }) => ours) as [PrivateKeyBundleV1];
const bytes = encodePrivateKeyBundleV1(ada);
const secretsOf = ({ identityKey, preKeys }: PrivateKeyBundleV1) =>
  [identityKey, ...preKeys].map(({ privateKey }) => privateKey);

it.each([
  ['that was used', () => undefined],
  [
    'of which the use failed',
    () => {
      throw new Error('failed');
    },
  ],
])('R-D6 the keys of a bundle %s are overwritten, and its bytes are left to whoever lent them', (_what, use) => {
  let lent: Uint8Array[] = [];
  const before = bytes.slice();
  try {
    withBundle(bytes, (bundle) => {
      expect(secretsOf(bundle)).toEqual(secretsOf(ada));
      lent = secretsOf(bundle);
      use();
    });
  } catch (error) {
    expect(error).toMatchObject({ reason: 'damaged' });
  }
  expect(lent).toHaveLength(1 + ada.preKeys.length);
  expect(lent.every((one) => one.every((byte) => byte === 0))).toBe(true);
  expect(bytes).toEqual(before);
});
