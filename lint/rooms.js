// The architecture as lint rules: who may import whom (docs/architecture.md has the same table), and what a pure room may touch.
// Promises: every way to name a module is looked at (import, export from, import(), import types); the message says the reason.
// Must not: have exceptions outside the tables below.
import path from 'node:path';

/**
 * Rooms a room may import, and why not the others. `types` after a room's name allows `import type` only. `files` names those of a room of which no more
 * is taken, `filesOfFolder` what one folder takes besides.
 */
export const rooms = {
  contract: {
    rooms: [],
    packages: ['valibot'],
    packagesOfFile: { 'src/contract/host-names.ts': ['punycode.js'] },
    reason: 'contract holds the words of a boundary and knows no room',
  },
  protocol: {
    rooms: [],
    packages: ['@noble/curves', '@noble/hashes', '@noble/ciphers', '@scure/base', '@bufbuild/protobuf'],
    packagesOfFile: {
      'src/protocol/base/core-curve.ts': ['@bitauth/libauth'],
      'src/protocol/base/core-curve.test.ts': ['@bitauth/libauth'],
    },
    reason: 'protocol is pure: bytes in, bytes out, no browser, no storage, no other room',
  },
  vault: {
    rooms: ['contract types', 'protocol'],
    // The vault speaks the contract's words; of its values it takes the errors and the plain lists beside them.
    files: {
      contract: [
        'errors',
        'grants',
        'limits',
        'age-file',
        'archive-page',
        'paste',
        'choices',
        'origins',
        'scopes',
        'pages/cards/joining',
      ],
    },
    packages: [],
    packagesOfFile: { 'src/vault/store/database.ts': ['idb'], 'src/vault/backup/file.ts': ['age-encryption'] },
    reason: 'vault knows no extension API and no page, so that key bundles have one door',
  },
  network: { rooms: ['protocol'], packages: [], reason: 'network only carries bytes to and from a node' },
  background: {
    rooms: ['contract', 'vault', 'network'],
    packages: ['webextension-polyfill', 'valibot'],
    reason: 'background is wiring: no key bytes, no page code, no wallet',
  },
  bridge: {
    rooms: ['contract types'],
    files: { contract: ['bytes-codec'] },
    packages: [],
    reason: "bridge runs in other people's pages: small, and no values but the byte codec",
  },
  wallet: {
    rooms: [],
    files: { contract: ['address', 'paste'] },
    packages: ['@metamask/providers', '@scure/base', 'buffer', 'events'],
    reason: "wallet only asks the owner's wallet; its stream stack never shares a realm with a key",
  },
  ui: {
    rooms: ['contract', 'wallet'],
    // Texts of addresses, with their checksum: no key, and nothing that imports any.
    files: { protocol: ['base/address'] },
    packages: ['webextension-polyfill', 'preact', 'qr'],
    packagesOfFile: {
      'src/ui/parts/ens/normal.ts': ['@adraffy/ens-normalize'],
      'src/ui/passphrase/guesses.ts': ['@zxcvbn-ts/core', '@zxcvbn-ts/language-common', '@zxcvbn-ts/language-en'],
    },
    reason: 'no page of ours can reach a key by any chain of imports',
  },
  sdk: {
    rooms: ['contract types'],
    files: {
      contract: ['errors'],
      protocol: [
        ...['address', 'bytes', 'errors', 'ethereum', 'secp256k1'].map((name) => `base/${name}`),
        ...['bundles', 'key-codec', 'keys', 'placeholder-signature'].map((name) => `keys/${name}`),
        'messages/preference-action',
        'keystore/calls',
        'keystore/publish',
        'ours/vault-signature',
      ],
    },
    // The fake vault of a dapp's tests behaves by the rules of the real one, where these are pure (docs/adr/0025).
    filesOfFolder: {
      fake: {
        contract: ['bytes-codec', 'dapp/methods', 'grants', 'limits', 'plain'],
        protocol: ['archive-key', 'identity-text', 'inbox-id', 'text-signature'].map((name) => `inbox/${name}`),
        vault: ['connection', 'grant-edit', 'grant-record', 'grant-time', 'grant-view', 'grants-api'].map(
          (name) => `consent/${name}`,
        ),
        bridge: ['own-copy'],
      },
    },
    packages: [],
    // An entry each, so that only a dapp that has xmtp-js needs xmtp-js, and only one made with React needs React.
    packagesOfFile: {
      ...Object.fromEntries(
        ['api', 'client', 'keystore', 'preferences', 'version'].map((name) => [
          `src/sdk/xmtp/${name}.ts`,
          ['@xmtp/xmtp-js'],
        ]),
      ),
      ...Object.fromEntries(
        ['asking', 'vault', 'grant', 'signer'].map((name) => [`src/sdk/react/use-${name}.ts`, ['react']]),
      ),
      'src/sdk/fake/vault.ts': ['valibot'],
    },
    reason: 'sdk is what dapps import: types, errors, and the public half of protocol',
  },
};

/**
 * The folders of a room, lowest first: each imports only folders that stand before it. `.` is what lies in the room itself. `apart` names folders
 * that are nobody's neighbours: what they may import besides themselves. docs/architecture.md says what each folder is for.
 */
export const folders = {
  contract: { order: ['.', 'pages', 'dapp'], apart: { dapp: ['.'], pages: ['.'] } },
  protocol: { order: ['base', 'ens', 'proto', 'keys', 'inbox', 'messages', 'keystore', 'ours'], apart: {} },
  vault: {
    order: [
      'work',
      'store',
      'lists',
      'safe',
      'activity',
      'consent',
      'unlock',
      'keys',
      'inbox',
      'people',
      'keystore',
      'publication',
      'backup',
      'archive',
      'enrolment',
      '.',
    ],
    apart: { activity: ['work', 'store'], consent: ['work', 'store', 'activity'] },
  },
  background: { order: ['browser', 'network', 'dapps', 'pages', '.'], apart: {} },
  sdk: {
    order: ['.', 'verify', 'v3', 'xmtp', 'react', 'fake'],
    // An entry each: whoever installs one does not carry the others along.
    apart: { verify: ['.'], v3: ['.'], xmtp: ['.'], react: ['.', 'v3'], fake: ['.'] },
  },
  ui: {
    order: [
      'worker',
      'passphrase',
      'language',
      'devices',
      'reader',
      '.',
      'parts',
      'signing',
      'network',
      'sites',
      'glance',
      'unlock',
      'popup',
      'panel',
      'approval',
      'onboarding',
      'vault',
    ],
    apart: Object.fromEntries(
      ['unlock', 'popup', 'panel', 'approval', 'onboarding', 'vault'].map((page) => [
        page,
        ['worker', 'passphrase', 'language', 'devices', '.', 'parts', 'signing', 'network', 'sites'].concat(
          page === 'popup' || page === 'panel' ? ['glance'] : page === 'vault' ? ['reader'] : [],
        ),
      ]),
    ),
  },
};

/** The folder that a file of a room lies in; `.` when it lies in the room itself. */
export const folderOf = (room, file) => {
  const parts = file.slice(`src/${room}/`.length).split('/');
  return parts.length === 1 ? '.' : parts[0];
};

/** Why a file of a folder may not import one of another folder of its room; undefined when it may. */
function folderDefect(room, file, target) {
  const row = folders[room];
  const [from, to] = [folderOf(room, file), folderOf(room, target)];
  if (!row || from === to) return undefined;
  if (row.apart[from])
    return row.apart[from].includes(to)
      ? undefined
      : `${room}/${from} must not import ${room}/${to}: it stands apart, on ${row.apart[from].join(', ')} only.`;
  const [below, above] = [row.order.indexOf(to), row.order.indexOf(from)];
  if (above < 0 || below < 0) return `${room}/${above < 0 ? from : to} is not in the list of folders (lint/rooms.js).`;
  return below < above
    ? undefined
    : `${room}/${from} must not import ${room}/${to}: a folder imports only those that stand before it (${row.order.join(', ')}).`;
}

/** Whoever can name the type of a private key, or open a bundle, is a place where a key can leak: these places are few. */
const privateKeyNames =
  /^(?:PrivateKey|SignedPrivateKey|PrivateKeyBundleV[12]|(?:decode|encode|validate|generate)PrivateKey(?:Bundle(?:V[12])?)?|(?:open|seal)EncryptedPrivateKeyBundle)$/;
const mayNamePrivateKeys = (file) => /^src\/(?:protocol|vault\/keys)\//.test(file);

/** What a test may import besides what its room may. */
const testPackages = [
  '@zxcvbn-ts/language-common',
  'age-encryption',
  'vitest',
  'fast-check',
  'react',
  'react-dom',
  'fake-indexeddb',
  '@xmtp/xmtp-js',
  '@xmtp/proto',
  '@vue/reactivity',
  'xmtp-js-11',
  'xmtp-js-12',
  'node',
  'playwright',
  'valibot',
  '@noble/curves',
  '@noble/hashes',
  '@noble/ciphers',
];

const packageOf = (source) =>
  source.startsWith('@')
    ? source.split('/').slice(0, 2).join('/')
    : source.startsWith('node:')
      ? 'node'
      : source.split('/')[0];

/** Why `file` (relative to the root, with slashes) may not import `source`; undefined when it may. */
export function importDefect(file, source, isType) {
  const match = /^src\/([a-z]+)\//.exec(file);
  const room = match?.[1];
  if (!room || !Object.hasOwn(rooms, room)) return undefined;
  const row = rooms[room];
  const isTest = /\.(test|testkit)\.tsx?$/.test(file);
  if (source.startsWith('.')) {
    const target = path.posix.normalize(path.posix.join(path.posix.dirname(file), source));
    const targetRoom = /^src\/([a-z]+)\//.exec(target)?.[1];
    if (isTest) return undefined;
    if (targetRoom === room) return folderDefect(room, file, target);
    if (targetRoom === undefined) {
      // The words are data: their type makes an unknown key a compile error.
      if (isType && room === 'ui' && target.startsWith('public/_locales/')) return undefined;
      return `${room} must not import ${target}: ${row.reason}.`;
    }
    const name = target.slice(`src/${targetRoom}/`.length).replace(/\.tsx?$/, '');
    if (row.filesOfFolder?.[folderOf(room, file)]?.[targetRoom]?.includes(name)) return undefined;
    const named = row.files?.[targetRoom];
    if (named) {
      if (named.includes(name) || (isType && named.includes(`${name} types`))) return undefined;
      if (isType && row.rooms.includes(`${targetRoom} types`)) return undefined;
      if (targetRoom === 'protocol' && room === 'sdk')
        return `sdk must not import protocol/${name}: only its public half (verify, encode).`;
      if (row.rooms.includes(targetRoom) === false || named.length > 0)
        return `${room} must not import ${targetRoom}/${name}${isType ? '' : ' as a value'}: ${row.reason}.`;
    }
    if (row.rooms.includes(targetRoom)) return undefined;
    if (isType && row.rooms.includes(`${targetRoom} types`)) return undefined;
    return `${room} must not import ${targetRoom}: ${row.reason}.`;
  }
  const name = packageOf(source);
  if (row.packages.includes(name) || row.packagesOfFile?.[file]?.includes(name)) return undefined;
  if (isTest && testPackages.includes(name)) return undefined;
  return `${room} must not import the package ${name}: ${row.reason}.`;
}

/** What is loaded only when it is needed, by the file that loads it: a chunk of the package, which the build knows. */
export const loadedLate = {
  'src/ui/passphrase/strength.ts': './guesses',
  'src/ui/parts/ens/use-ens.ts': './normal',
  'src/background/main.ts': './later',
};

const relative = (context) =>
  path
    .relative(context.cwd ?? process.cwd(), context.filename ?? context.getFilename())
    .split(path.sep)
    .join('/');

const imports = {
  meta: { type: 'problem' },
  create(context) {
    const file = relative(context);
    const check = (node, source, isType) => {
      if (typeof source?.value !== 'string') return;
      const message = importDefect(file, source.value, isType);
      if (message) context.report({ node, message });
    };
    return {
      ImportDeclaration: (node) => check(node, node.source, node.importKind === 'type'),
      ExportNamedDeclaration: (node) => check(node, node.source, node.exportKind === 'type'),
      ExportAllDeclaration: (node) => check(node, node.source, node.exportKind === 'type'),
      ImportExpression: (node) => {
        if (!/^src\//.test(file) || /\.test\.tsx?$/.test(file) || loadedLate[file] === node.source?.value) return;
        // What content scripts, pages and the worker load is known at build time.
        context.report({
          node,
          message: 'import() is not used in src: every module is part of a graph that the build knows.',
        });
      },
      TSImportType: (node) => check(node, node.source ?? node.argument?.literal ?? node.argument, true),
      TSImportEqualsDeclaration: (node) => context.report({ node, message: 'import = is not used here.' }),
    };
  },
};

/** Names the pure rooms must not use: clock, randomness, platform. They come in as arguments. */
const impure = new Set([
  'crypto',
  'fetch',
  'performance',
  'setTimeout',
  'setInterval',
  'indexedDB',
  'localStorage',
  'navigator',
  'window',
  'document',
  'globalThis',
  'self',
  'process',
  'console',
]);

const pure = {
  meta: { type: 'problem' },
  create(context) {
    const file = relative(context);
    if (!/^src\/(protocol|contract)\//.test(file) || /\.(test|testkit)\.tsx?$/.test(file) || file.includes('/gen/'))
      return {};
    const why = 'protocol and contract are pure: clock, randomness and platform come in as arguments';
    return {
      MemberExpression(node) {
        const name = `${node.object?.name}.${node.property?.name}`;
        if (name === 'Date.now' || name === 'Math.random')
          context.report({ node, message: `${name} is not allowed here: ${why}.` });
        if (impure.has(node.object?.name))
          context.report({ node, message: `${node.object.name} is not allowed here: ${why}.` });
      },
      NewExpression(node) {
        if (node.callee?.name === 'Date' && node.arguments.length === 0)
          context.report({ node, message: `new Date() is not allowed here: ${why}.` });
      },
    };
  },
};

const privateKeys = {
  meta: { type: 'problem' },
  create(context) {
    const file = relative(context);
    if (!/^src\//.test(file) || mayNamePrivateKeys(file) || /\.(test|testkit)\.tsx?$/.test(file)) return {};
    const why = 'is named in protocol and vault/keys only: whoever can name a private key can leak it (P1).';
    const check = (node, name) => {
      if (privateKeyNames.test(name ?? '')) context.report({ node, message: `${name} ${why}` });
    };
    /** The modules that declare them: taken whole, their names would not be seen. */
    const whole = (node, source) => {
      if (/\/protocol\/keys\/(?:bundles|keys|encrypted-bundle|key-codec)$/.test(source ?? ''))
        context.report({ node, message: `A module of private keys taken whole: what is in it ${why}` });
    };
    return {
      ImportSpecifier: (node) => check(node, node.imported?.name),
      ExportSpecifier: (node) => check(node, node.local?.name),
      ImportNamespaceSpecifier: (node) => whole(node, node.parent?.source?.value),
      ExportAllDeclaration: (node) => whole(node, node.source?.value),
      TSImportType: (node) => check(node, node.qualifier?.name ?? node.qualifier?.right?.name),
    };
  },
};

const noDefaultExport = {
  meta: { type: 'suggestion' },
  create(context) {
    const file = relative(context);
    if (!/^src\//.test(file)) return {};
    return {
      ExportDefaultDeclaration: (node) =>
        context.report({ node, message: 'No default exports: an import names what it takes.' }),
    };
  },
};

const rawHtml = {
  meta: { type: 'problem' },
  create(context) {
    const file = relative(context);
    if (!/^src\//.test(file)) return {};
    const why = 'text of strangers becomes text nodes only, through the DappText component (R-C5)';
    return {
      JSXAttribute(node) {
        if (node.name?.name === 'dangerouslySetInnerHTML')
          context.report({ node, message: `dangerouslySetInnerHTML is not used: ${why}.` });
      },
      MemberExpression(node) {
        if (['innerHTML', 'outerHTML', 'insertAdjacentHTML'].includes(node.property?.name))
          context.report({ node, message: `${node.property.name} is not used: ${why}.` });
      },
    };
  },
};

export default {
  meta: { name: 'rooms' },
  rules: { imports, pure, 'private-keys': privateKeys, 'no-default-export': noDefaultExport, 'raw-html': rawHtml },
};
