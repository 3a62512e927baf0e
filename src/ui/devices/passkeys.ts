// Passkeys of this extension: made, asked for the secret that their PRF gives, and given up (WebAuthn level 3, the "prf" extension).
// Promises: the person is verified each time; a passkey is bound to this extension's id, so no site can ask it; every failure is a DeviceError, and an abort
// rejects with the signal's reason. Must not: keep a secret, or ask without a press.
import type { PasskeyRequest } from '../../contract/pages/unlock';
import { DeviceError } from './device-error';

/** How long a person gets for one dialog of the browser. */
const timeout = 120_000;
/** The bit of the authenticator's flags that says it has verified the person, and where they stand in its data. */
const [userVerified, flagsAt] = [0x04, 32];
/** ES256, EdDSA and RS256, one of which every authenticator has. The signature itself is asked for nothing. */
const algorithms = [-7, -8, -257];

type Bytes = Uint8Array<ArrayBuffer>;
const random = (): Bytes => crypto.getRandomValues(new Uint8Array(32));
const asBytes = (bytes: Uint8Array): Bytes => new Uint8Array(bytes);

/** Whether this browser can make passkeys that open a safe. Firefox binds none to an extension, and names each installation anew. */
export async function canUsePasskeys(): Promise<boolean> {
  if (__BROWSER__ !== 'chrome' || typeof PublicKeyCredential === 'undefined') return false;
  const can = await PublicKeyCredential.getClientCapabilities?.().catch(() => undefined);
  return can?.['extension:prf'] === true;
}

/** Makes a passkey and gives how it will be asked. `name` is what the browser and the person's password manager show for it. */
export async function makePasskey(name: string, signal: AbortSignal): Promise<PasskeyRequest> {
  const made = await answerOf(
    navigator.credentials.create({
      signal,
      publicKey: {
        // Without an id of its own it is this extension's.
        rp: { name: 'Prekey Vault' },
        user: { id: random(), name, displayName: name },
        challenge: random(),
        pubKeyCredParams: algorithms.map((alg) => ({ type: 'public-key', alg })),
        authenticatorSelection: { userVerification: 'required', residentKey: 'preferred' },
        attestation: 'none',
        extensions: { prf: {} },
        timeout,
      },
    }),
    'passkey-not-made',
    signal,
  );
  const response = made.response as AuthenticatorAttestationResponse;
  const credentialId = new Uint8Array(made.rawId);
  if (made.getClientExtensionResults().prf?.enabled !== true || !isVerified(response.getAuthenticatorData())) {
    await giveUpPasskey({ credentialId });
    throw new DeviceError('passkey-unfit');
  }
  return { credentialId, prfInput: random() };
}

/** The 32 bytes that the passkey gives for this input. The caller wipes them. */
export async function askPasskey({ credentialId, prfInput }: PasskeyRequest, signal: AbortSignal): Promise<Uint8Array> {
  const given = await answerOf(
    navigator.credentials.get({
      signal,
      publicKey: {
        challenge: random(),
        allowCredentials: [{ type: 'public-key', id: asBytes(credentialId) }],
        userVerification: 'required',
        extensions: { prf: { eval: { first: asBytes(prfInput) } } },
        timeout,
      },
    }),
    'passkey-refused',
    signal,
  );
  const first = given.getClientExtensionResults().prf?.results?.first;
  const prfSecret = first instanceof ArrayBuffer ? new Uint8Array(first) : undefined;
  const fail = (reason: 'passkey-other' | 'passkey-unfit') => {
    prfSecret?.fill(0);
    return new DeviceError(reason);
  };
  const answered = new Uint8Array(given.rawId);
  if (answered.length !== credentialId.length || answered.some((byte, at) => byte !== credentialId[at]))
    throw fail('passkey-other');
  const { authenticatorData } = given.response as AuthenticatorAssertionResponse;
  if (!prfSecret || !isVerified(authenticatorData)) throw fail('passkey-unfit');
  return prfSecret;
}

/** Tells the browser that nothing asks this passkey any more, so that it can be taken out of the person's list. Never rejects; some keep it. */
export async function giveUpPasskey({ credentialId }: Pick<PasskeyRequest, 'credentialId'>): Promise<void> {
  const text = btoa(String.fromCharCode(...credentialId))
    .replaceAll('+', '-')
    .replaceAll('/', '_')
    .replaceAll('=', '');
  await PublicKeyCredential.signalUnknownCredential?.({ rpId: location.host, credentialId: text }).catch(
    () => undefined,
  );
}

function isVerified(authenticatorData: ArrayBuffer): boolean {
  return ((new Uint8Array(authenticatorData)[flagsAt] ?? 0) & userVerified) !== 0;
}

/** `refusal`: what it is when no passkey comes of it and the browser tells no reason. */
async function answerOf(
  asked: Promise<Credential | null>,
  refusal: 'passkey-not-made' | 'passkey-refused',
  signal: AbortSignal,
): Promise<PublicKeyCredential> {
  let answer: Credential | null;
  try {
    answer = await asked;
  } catch (error) {
    if (signal.aborted) throw signal.reason;
    throw new DeviceError(reasonOf(error) ?? refusal);
  }
  if (!(answer instanceof PublicKeyCredential)) throw new DeviceError(refusal);
  return answer;
}

function reasonOf(error: unknown): 'passkey-unfit' | 'passkey-unsupported' | undefined {
  const name = error instanceof DOMException ? error.name : '';
  if (name === 'ConstraintError') return 'passkey-unfit';
  return name === 'NotSupportedError' || name === 'SecurityError' ? 'passkey-unsupported' : undefined;
}
