// Why an authenticator, a camera or a picture did not give what a page asked it for.
// Promises a closed set of reasons, each with words of its own. Must not carry what the device or the browser said.

/**
 * - `passkey-unsupported`: this browser makes no passkeys for the extension, or none with a PRF
 * - `passkey-refused`: no passkey answered: the person said no, the time ran out, or there is none any more. Browsers tell nobody which of these it was
 * - `passkey-not-made`: none was made, for any of these reasons
 * - `passkey-unfit`: it has no PRF, or did not verify who holds it
 * - `passkey-other`: another passkey answered than was asked
 * - `camera-refused`: the browser or the person does not let this page use a camera
 * - `camera-absent`: there is no camera
 * - `camera-busy`: it gives no picture, mostly because another program has it
 * - `no-picture`: the file is not a picture, or too large a one
 * - `no-code`: no QR code was found in the picture
 */
export type DeviceErrorReason =
  | 'passkey-unsupported'
  | 'passkey-refused'
  | 'passkey-not-made'
  | 'passkey-unfit'
  | 'passkey-other'
  | 'camera-refused'
  | 'camera-absent'
  | 'camera-busy'
  | 'no-picture'
  | 'no-code';

export class DeviceError extends Error {
  readonly reason: DeviceErrorReason;

  constructor(reason: DeviceErrorReason) {
    super(reason);
    this.name = 'DeviceError';
    this.reason = reason;
  }
}
