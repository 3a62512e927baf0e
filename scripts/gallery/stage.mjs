// What stands in for the browser's extension APIs and the worker while pages are looked at: answers from a scene, nothing else.
// Promises: runs inside the page before any of its scripts; no page code knows about it. Must not: be part of any build.

/**
 * Installs `browser` and `chrome`. `scene.answers` maps internal methods to their results ({ error: { reason } } fails, { hang: true }
 * never answers; { turns: [] } answers one after the other); `scene.accounts` is what the pretended wallet
 * offers, `scene.walletAbsent` says that there is none, `scene.signs` whether it answers when asked to sign; `scene.allows` is false when a permission is refused, `scene.mayReach` when host
 * access was taken back, and `scene.given` names the permissions that the browser has given; `scene.passkey` is true where passkeys can be made, and 'refuses' where they answer nothing;
 * `scene.camera` is true where there is one that sees no code. Bytes are tagged base64.
 */
export function installStage({ messages, language, scene }) {
  const listeners = () => {
    const all = [];
    return { all, addListener: (listener) => all.push(listener), removeListener: () => undefined };
  };
  const turns = {};
  const pagePort = () => {
    const onMessage = listeners();
    const say = (message) => onMessage.all.forEach((listener) => listener(message));
    setTimeout(() => say({ hello: { 0: 1 } }), 0);
    // For scenes in which something changes while the page is open.
    globalThis.sayChanged = (changed) => say({ changed });
    return {
      onMessage,
      onDisconnect: listeners(),
      disconnect: () => undefined,
      postMessage({ id, method }) {
        const given = scene.answers[method] ?? null;
        const turn = (turns[method] = (turns[method] ?? -1) + 1);
        const answer = given?.turns ? given.turns[Math.min(turn, given.turns.length - 1)] : given;
        if (answer?.hang) return;
        setTimeout(() => say(answer?.error ? { id, error: answer.error } : { id, result: answer }), 0);
      },
    };
  };
  const walletPort = () => {
    const onMessage = listeners();
    const onDisconnect = listeners();
    const port = {
      name: '',
      onMessage,
      onDisconnect,
      disconnect: () => undefined,
      postMessage({ name, data }) {
        const results = {
          metamask_getProviderState: {
            accounts: scene.accounts ?? [],
            chainId: '0x1',
            networkVersion: '1',
            isUnlocked: true,
            isConnected: true,
          },
          eth_chainId: '0x1',
          ...(scene.accounts ? { eth_requestAccounts: scene.accounts } : {}),
          ...(scene.signs ? { personal_sign: `0x${'11'.repeat(65)}` } : {}),
        };
        if (data?.method in results)
          setTimeout(
            () =>
              onMessage.all.forEach((hear) =>
                hear({ name, data: { jsonrpc: '2.0', id: data.id, result: results[data.method] } }, port),
              ),
            0,
          );
      },
    };
    if (scene.walletAbsent) setTimeout(() => onDisconnect.all.forEach((hear) => hear(port)), 0);
    return port;
  };
  const getMessage = (key, substitutions = []) => {
    const entry = messages[key];
    return entry
      ? entry.message.replace(/\$(\d)/g, (_, place) => [].concat(substitutions)[place - 1] ?? '')
      : `⟦${key}⟧`;
  };
  const runtime = {
    id: 'gallery',
    getURL: (path) => new URL(path, `${location.origin}/`).href,
    connect: (target) => (typeof target === 'string' ? walletPort() : pagePort()),
  };
  const tabs = {
    query: async () => [{ id: 1 }],
    create: async () => ({}),
    getCurrent: async () => undefined,
    remove: async () => undefined,
    onActivated: listeners(),
    onAttached: listeners(),
    onUpdated: listeners(),
  };
  const permissions = {
    contains: async ({ permissions: names = [] }) =>
      scene.mayReach !== false && names.every((name) => (scene.given ?? []).includes(name)),
    request: async () => scene.allows !== false,
    remove: async () => true,
    onAdded: listeners(),
    onRemoved: listeners(),
  };
  const commands = {
    getAll: async () => [
      { name: 'lock-now', shortcut: 'Alt+Shift+L' },
      { name: 'open-waiting', shortcut: '' },
    ],
  };
  globalThis.browser = { runtime, tabs, permissions, commands, i18n: { getMessage, getUILanguage: () => language } };
  globalThis.chrome = globalThis.browser;
  globalThis.close = () => undefined;
  // Without a word about it a scene is of a browser that makes no passkeys.
  globalThis.PublicKeyCredential = { getClientCapabilities: async () => ({ 'extension:prf': Boolean(scene.passkey) }) };
  const answer = () =>
    scene.passkey === 'refuses'
      ? Promise.reject(new DOMException('', 'NotAllowedError'))
      : new Promise(() => undefined);
  navigator.credentials.create = answer;
  navigator.credentials.get = answer;
  navigator.mediaDevices.getUserMedia = async () => {
    if (!scene.camera) throw new DOMException('', 'NotAllowedError');
    const canvas = Object.assign(document.createElement('canvas'), { width: 640, height: 480 });
    const context = canvas.getContext('2d');
    const stream = canvas.captureStream(5);
    const paint = () => {
      context.fillStyle = '#3b4a4d';
      context.fillRect(0, 0, 640, 480);
      context.fillStyle = '#d9dfe0';
      context.fillRect(180, 60, 280, 380);
    };
    setInterval(paint, 100);
    return stream;
  };
}
