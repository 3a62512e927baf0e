// The keystore object that an unmodified xmtp-js works on: every call is encoded, asked of the vault, decoded.
// Promises that large batches are cut into chunks, that what is stored takes effect in the order in which the client gave it, that a
// call is sent again once when the extension was out of reach, and that no signature is ever asked for blindly: signDigest gives a
// placeholder that only the vault can redeem.
// Must not hold a key, or answer for the vault where it refuses.
import type { KeystoreInterface, PrivatePreferencesAction } from '@xmtp/xmtp-js';
import { encodePrivatePreferencesEntries } from '../../protocol/keystore/calls';
import { callKeystore, capabilities, publicKeyBundle } from '../calls';
import { isDisconnected, isUnauthorized, PrekeyVaultError } from '../errors';
import { mustBeKnown, type OptionNames } from '../options';
import type { KeystoreMethodName, PrekeyVaultProvider } from '../types';
import { sendInChunks, untilAborted, type ChunkLimits, type Whole } from './chunks';
import { toKeystoreError, VaultKeystoreError } from './errors';
import { createPlaceholders } from './placeholders';
import { createPreferences, encodeAction } from './preferences';
import { knownXmtp } from './version';

/** How far a large batch has come. `method` is the keystore's name for it, e.g. `decryptV2`. */
export interface KeystoreProgress {
  method: string;
  done: number;
  total: number;
}

/** How a keystore on the vault behaves. Everything may be left out. */
export interface VaultKeystoreOptions {
  /** Which account, when this site was given several. Default: the newest grant's. It stays the same for the life of the client. */
  account?: string;
  /** Items of one request, 1 to 1,000. Default 500. */
  chunkItems?: number;
  /** Stops batches: no further chunk is sent and the call rejects with the signal's reason. A function is asked at the start of each batch. */
  signal?: AbortSignal | (() => AbortSignal | undefined);
  /** Told about batches of more than one chunk. */
  onProgress?: (progress: KeystoreProgress) => void;
  /**
   * Told when somebody took a placeholder from `signDigest` and no content with it came to be encrypted within `redeemWithinMs`.
   * It is not a signature, so whoever got it will fail to verify it. Default: a warning in the console.
   */
  onUnredeemed?: (digest: Uint8Array) => void;
  /** Milliseconds until a placeholder counts as unredeemed. Default 10,000. */
  redeemWithinMs?: number;
}

/** Every option of a keystore. */
export const keystoreOptions: OptionNames<VaultKeystoreOptions> = {
  account: true,
  chunkItems: true,
  signal: true,
  onProgress: true,
  onUnredeemed: true,
  redeemWithinMs: true,
};

/** Few enough that cutting and carrying one chunk is a matter of milliseconds for the page; a larger item travels alone. */
const chunkBytes = 256 * 1024;
/** From here on it is worth encoding an item just to know its size. */
const largeItemBytes = 4 * 1024 * 1024;
const chunksInFlight = 3;
const mostChunkItems = 1_000;
/** What the vault takes in one request, less some room for the rest of the parameters. */
const largestRequestBytes = 8 * 1024 * 1024 - 1024;

/** Calls that store a list. Of two items with one name the first counts, so they go to the vault in order: one chunk, and one call, at a time. */
const storingMethods: readonly string[] = ['saveInvites', 'saveV1Conversations', 'savePrivatePreferences'];

/** Calls with `requests` in and as many `responses` out. */
const batchMethods = [
  'decryptV1',
  'decryptV2',
  'encryptV1',
  'encryptV2',
  'saveInvites',
  'selfEncrypt',
  'selfDecrypt',
] as const;

interface Codec {
  encode(message: unknown): { finish(): Uint8Array };
  decode(bytes: Uint8Array): unknown;
}
interface BatchResponse {
  result?: unknown;
  error?: { message: string; code: number } | undefined;
}

/**
 * Connects to the vault and returns the keystore. Throws PrekeyVaultError: 4100 without `identity`, 4001 when the person refuses, 4200 when
 * the page's xmtp-js is a version the adapter does not work with.
 */
export async function createVaultKeystore(
  provider: PrekeyVaultProvider,
  options: VaultKeystoreOptions = {},
): Promise<KeystoreInterface> {
  const { buildContentTopic, keystoreApiDefs } = knownXmtp();
  const rpcOf = (method: string) =>
    (keystoreApiDefs as unknown as Record<string, { req: Codec | null; res: Codec }>)[method] as {
      req: Codec | null;
      res: Codec;
    };
  mustBeKnown('createVaultKeystore', options, keystoreOptions);
  const asked = options.account === undefined ? {} : { account: options.account };
  // Read once: the client puts this bundle into every message, and the vault signs with its prekey as long as this page lives.
  const bundle = await publicKeyBundle(provider, asked);
  const { account } = bundle;
  const limits: ChunkLimits = {
    maxItems: Math.min(Math.max(options.chunkItems ?? 500, 1), mostChunkItems),
    maxBytes: chunkBytes,
    inFlight: chunksInFlight,
  };
  const placeholders = createPlaceholders({
    onUnredeemed: options.onUnredeemed ?? warnUnredeemed,
    withinMs: options.redeemWithinMs ?? 10_000,
  });

  /** One request to the vault. What reached it twice does no harm: no method of these changes anything a second time. */
  async function ask(method: string, request: Uint8Array, whole?: Whole): Promise<Uint8Array> {
    const name = `xmtp_${method}` as KeystoreMethodName;
    const send = () => callKeystore(provider, name, request, { account, ...(whole && { whole }) });
    try {
      return await send().catch((thrown: unknown) => {
        if (isDisconnected(thrown)) return send();
        throw thrown;
      });
    } catch (thrown) {
      throw toKeystoreError(thrown);
    }
  }

  /** How many parts the installed vault takes as one list; 0 for a version that does not know of them. Asked once. */
  let parts: Promise<number> | undefined;
  const mostParts = () => {
    parts ??= capabilities(provider).then(({ limits: known }) => known['wholeParts'] ?? 0);
    parts.catch(() => (parts = undefined));
    return parts.catch(() => 0);
  };

  async function single(method: string, message?: unknown): Promise<unknown> {
    const { req, res } = rpcOf(method);
    return res.decode(await ask(method, req === null ? new Uint8Array() : req.encode(message ?? {}).finish()));
  }

  /** A list cut into chunks; `field` is the repeated field it travels in. */
  async function inChunks<Item, Answer>(
    method: string,
    items: readonly Item[],
    encode: (item: Item) => Uint8Array,
    read: (response: Uint8Array, sent: readonly Item[]) => readonly Answer[],
    mostDeclared?: () => Promise<number>,
  ): Promise<Answer[]> {
    const signal = typeof options.signal === 'function' ? options.signal() : options.signal;
    const isStoring = storingMethods.includes(method);
    const send = () =>
      sendInChunks({
        items,
        encode,
        send: async (request, sent, whole) => read(await ask(method, request, whole), sent),
        mostDeclared,
        isToBeDeclared,
        limits: isStoring ? { ...limits, inFlight: 1 } : limits,
        signal,
        onProgress: (done, total) => options.onProgress?.({ method, done, total }),
      });
    return isStoring ? untilAborted(afterEarlier(method, send), signal) : send();
  }

  /** Calls of one method, one after the other, in the order in which the client made them; one that fails holds up none. */
  const lines = new Map<string, Promise<unknown>>();
  function afterEarlier<T>(method: string, send: () => Promise<T>): Promise<T> {
    const result = (lines.get(method) ?? Promise.resolve()).then(send);
    lines.set(
      method,
      result.catch(() => undefined),
    );
    return result;
  }

  async function batch(
    method: (typeof batchMethods)[number],
    message: { requests: unknown[] },
  ): Promise<{ responses: BatchResponse[] }> {
    const { req, res } = rpcOf(method);
    const codec = req as Codec;
    const encode = (item: unknown) => codec.encode({ requests: [item] }).finish();
    const tooLarge: BatchResponse = { error: { message: 'item is too large', code: 1 } };
    // What cannot be carried in a request fails by itself, so that the other items are not spoiled.
    const sizes = message.requests.map((item) => mayBeLarge(item) && encode(item).length > largestRequestBytes);
    const sendable = message.requests.filter((_item, index) => !sizes[index]);
    const answers = await inChunks(
      method,
      sendable,
      encode,
      (response) => (res.decode(response) as { responses: BatchResponse[] }).responses,
      mostParts,
    );
    let next = 0;
    return { responses: sizes.map((isTooLarge) => (isTooLarge ? tooLarge : (answers[next++] as BatchResponse))) };
  }

  const preferences = createPreferences({
    read: () => ask('getPrivatePreferences', new Uint8Array()),
    write: async (entries) => {
      await inChunks(
        'savePrivatePreferences',
        entries,
        (entry) => encodePrivatePreferencesEntries([entry]),
        (_response, sent) => sent,
      );
    },
  });
  await preferences.load().catch((thrown: unknown) => {
    // A site that only reads messages need not ask for the preferences; what then needs them is refused when it is called.
    if (!isUnauthorized(thrown)) throw thrown;
  });

  let topic: Promise<string> | undefined;
  const getPrivatePreferencesTopic = () => {
    topic ??= single('getPrivatePreferencesTopicIdentifier').then((answer) =>
      buildContentTopic(`userpreferences-${(answer as { identifier: string }).identifier}`),
    );
    topic.catch(() => (topic = undefined));
    return topic;
  };

  const generic = Object.fromEntries(
    Object.keys(keystoreApiDefs).map((method) => [method, (message?: unknown) => single(method, message)]),
  );
  const batches = Object.fromEntries(
    batchMethods.map((method) => [method, (message: { requests: unknown[] }) => batch(method, message)]),
  );
  const own = {
    async encryptV2(message: { requests: { payload: Uint8Array }[] }) {
      for (const { payload } of message.requests) placeholders.redeem(payload);
      return batch('encryptV2', message);
    },
    async saveV1Conversations({ conversations }: { conversations: unknown[] }) {
      const codec = rpcOf('saveV1Conversations').req as Codec;
      await inChunks(
        'saveV1Conversations',
        conversations,
        (item) => codec.encode({ conversations: [item] }).finish(),
        (_response, sent) => sent,
      );
      return {};
    },
    async getV2ConversationHmacKeys(message?: { topics: string[] }) {
      const { req, res } = rpcOf('getV2ConversationHmacKeys');
      // Without a list the client means all topics; the message itself has no way to say so.
      const topics =
        message?.topics ??
        ((await single('getV2Conversations')) as { conversations: { topic: string }[] }).conversations.map(
          (one) => one.topic,
        );
      const hmacKeys: Record<string, unknown> = {};
      await inChunks(
        'getV2ConversationHmacKeys',
        topics,
        (one) => (req as Codec).encode({ topics: [one] }).finish(),
        (response, sent) => {
          Object.assign(hmacKeys, (res.decode(response) as { hmacKeys: Record<string, unknown> }).hmacKeys);
          return sent;
        },
      );
      return { hmacKeys };
    },
    async signDigest({
      digest,
      identityKey,
      prekeyIndex,
    }: {
      digest: Uint8Array;
      identityKey?: boolean;
      prekeyIndex?: number;
    }) {
      if (identityKey === true) throw new VaultKeystoreError(1, 'Prekey Vault signs no digest with the identity key.');
      if (prekeyIndex !== 0)
        throw new VaultKeystoreError(
          prekeyIndex === undefined ? 1 : 2,
          'Prekey Vault signs with the current prekey only.',
        );
      if (!(digest instanceof Uint8Array) || digest.length !== 32)
        throw new VaultKeystoreError(1, 'A digest has 32 bytes.');
      return { ecdsaCompact: placeholders.issue(digest), walletEcdsaCompact: undefined };
    },
    getPublicKeyBundle: async () => rpcOf('getPublicKeyBundle').res.decode(bundle.publicKeyBundle),
    async getPrivateKeyBundle() {
      throw new PrekeyVaultError(4200, 'Prekey Vault never gives a private key away.');
    },
    getAccountAddress: async () => account,
    getPrivatePreferencesTopic,
    async createPrivatePreference(action: PrivatePreferencesAction) {
      const contentTopic = await getPrivatePreferencesTopic();
      const message = await ask('createPrivatePreference', encodeAction(action));
      return [{ contentTopic, message, timestamp: new Date() }];
    },
    getPrivatePreferences: preferences.actions,
    savePrivatePreferences: preferences.save,
  };
  // The package's types are derived from its table of codecs, which this object follows method by method.
  return { ...generic, ...batches, ...own } as unknown as KeystoreInterface;
}

/** The vault's word that somebody has to be asked, or uses count; one that does not know of lists refuses the parameter alike. */
const isToBeDeclared = (thrown: unknown): boolean =>
  thrown instanceof PrekeyVaultError && thrown.code === -32602 && (thrown.field ?? '').split('.')[0] === 'whole';

/** Whether it is worth encoding an item just to know its size: a message on the network has at most a mebibyte. */
function mayBeLarge(item: unknown): boolean {
  const { payload } = item as { payload?: Uint8Array | { aes256GcmHkdfSha256?: { payload: Uint8Array } } };
  const bytes = payload instanceof Uint8Array ? payload : payload?.aes256GcmHkdfSha256?.payload;
  return (bytes?.length ?? 0) > largeItemBytes;
}

function warnUnredeemed(): void {
  // oxlint-disable-next-line no-console -- the developer of the page has to learn of it, and there may be nobody else to tell.
  console.warn(
    'prekey-vault: a signature was asked of the keystore and not used in a message. It is a placeholder and verifies nowhere. ' +
      'To have something signed, use sign() of @prekey-vault/sdk.',
  );
}
