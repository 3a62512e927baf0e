// The architecture as lint rules: who may import whom (docs/architecture.md has the same table), and what a pure room may touch.
// Promises: every way to name a module is looked at (import, export from, import(), import types); the message says the reason.
// Must not: have exceptions outside the tables below.
import path from 'node:path';

/** Rooms a room may import, and why not the others. `types` after a room's name allows `import type` only. */
export const rooms = {
  contract: { rooms: [], packages: ['valibot'], reason: 'contract holds the words of a boundary and knows no room' },
  protocol: {
    rooms: [],
    packages: ['@noble/curves', '@noble/hashes', '@noble/ciphers', '@bufbuild/protobuf'],
    reason: 'protocol is pure: bytes in, bytes out, no browser, no storage, no other room',
  },
  vault: {
    rooms: ['contract', 'protocol'],
    // The vault speaks the contract's words; of its values it takes the errors and the plain lists beside them.
    files: { contract: ['errors', 'grants', 'limits', 'internal types', 'methods types', 'flows types'] },
    packages: [],
    packagesOfFile: { 'src/vault/database.ts': ['idb'], 'src/vault/backup-file.ts': ['age-encryption'] },
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
    packages: ['@metamask/providers', 'buffer', 'events'],
    reason: "wallet only asks the owner's wallet; its stream stack never shares a realm with a key",
  },
  ui: {
    rooms: ['contract', 'wallet'],
    packages: ['webextension-polyfill', 'preact', 'uqr'],
    reason: 'no page of ours can reach a key by any chain of imports',
  },
  sdk: {
    rooms: ['contract types'],
    files: {
      contract: ['errors'],
      protocol: ['vault-signature', 'bundles', 'keys', 'key-codec', 'bytes', 'errors', 'ethereum', 'secp256k1', 'keystore-calls', 'placeholder-signature', 'preference-action', 'publish'],
    },
    packages: [],
    // The adapter is an entry of its own, so that only a dapp that has xmtp-js needs xmtp-js.
    packagesOfFile: Object.fromEntries(['xmtp-api', 'xmtp-client', 'xmtp-keystore', 'xmtp-preferences'].map((name) => [`src/sdk/${name}.ts`, ['@xmtp/xmtp-js']])),
    reason: 'sdk is what dapps import: types, errors, and the public half of protocol',
  },
};

/** What a test may import besides what its room may. */
const testPackages = ['age-encryption', 'vitest', 'fast-check', 'fake-indexeddb', '@xmtp/xmtp-js', '@xmtp/proto', 'node', 'playwright', 'valibot', '@noble/curves', '@noble/hashes', '@noble/ciphers'];

const packageOf = (source) => (source.startsWith('@') ? source.split('/').slice(0, 2).join('/') : source.startsWith('node:') ? 'node' : source.split('/')[0]);

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
    if (targetRoom === room) return undefined;
    if (isTest) return undefined;
    if (targetRoom === undefined) {
      // The words are data: their type makes an unknown key a compile error.
      if (isType && room === 'ui' && target.startsWith('public/_locales/')) return undefined;
      return `${room} must not import ${target}: ${row.reason}.`;
    }
    const name = target.slice(`src/${targetRoom}/`.length).replace(/\.tsx?$/, '');
    const named = row.files?.[targetRoom];
    if (named) {
      if (named.includes(name) || (isType && named.includes(`${name} types`))) return undefined;
      if (isType && row.rooms.includes(`${targetRoom} types`)) return undefined;
      if (targetRoom === 'protocol' && room === 'sdk') return `sdk must not import protocol/${name}: only its public half (verify, encode).`;
      if (row.rooms.includes(targetRoom) === false || named.length > 0) return `${room} must not import ${targetRoom}/${name}${isType ? '' : ' as a value'}: ${row.reason}.`;
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

const relative = (context) => path.relative(context.cwd ?? process.cwd(), context.filename ?? context.getFilename()).split(path.sep).join('/');

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
        if (!/^src\//.test(file) || /\.test\.tsx?$/.test(file)) return;
        // Content scripts and the worker are single graphs known at build time.
        context.report({ node, message: 'import() is not used in src: every module is part of a graph that the build knows.' });
      },
      TSImportType: (node) => check(node, node.source ?? node.argument?.literal ?? node.argument, true),
      TSImportEqualsDeclaration: (node) => context.report({ node, message: 'import = is not used here.' }),
    };
  },
};

/** Names the pure rooms must not use: clock, randomness, platform. They come in as arguments. */
const impure = new Set(['crypto', 'fetch', 'performance', 'setTimeout', 'setInterval', 'indexedDB', 'localStorage', 'navigator', 'window', 'document', 'globalThis', 'self', 'process', 'console']);

const pure = {
  meta: { type: 'problem' },
  create(context) {
    const file = relative(context);
    if (!/^src\/(protocol|contract)\//.test(file) || /\.(test|testkit)\.tsx?$/.test(file) || file.includes('/gen/')) return {};
    const why = 'protocol and contract are pure: clock, randomness and platform come in as arguments';
    return {
      MemberExpression(node) {
        const name = `${node.object?.name}.${node.property?.name}`;
        if (name === 'Date.now' || name === 'Math.random') context.report({ node, message: `${name} is not allowed here: ${why}.` });
        if (impure.has(node.object?.name)) context.report({ node, message: `${node.object.name} is not allowed here: ${why}.` });
      },
      NewExpression(node) {
        if (node.callee?.name === 'Date' && node.arguments.length === 0) context.report({ node, message: `new Date() is not allowed here: ${why}.` });
      },
    };
  },
};

const noDefaultExport = {
  meta: { type: 'suggestion' },
  create(context) {
    const file = relative(context);
    if (!/^src\//.test(file)) return {};
    return { ExportDefaultDeclaration: (node) => context.report({ node, message: 'No default exports: an import names what it takes.' }) };
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
        if (node.name?.name === 'dangerouslySetInnerHTML') context.report({ node, message: `dangerouslySetInnerHTML is not used: ${why}.` });
      },
      MemberExpression(node) {
        if (['innerHTML', 'outerHTML', 'insertAdjacentHTML'].includes(node.property?.name)) context.report({ node, message: `${node.property.name} is not used: ${why}.` });
      },
    };
  },
};

export default { meta: { name: 'rooms' }, rules: { imports, pure, 'no-default-export': noDefaultExport, 'raw-html': rawHtml } };
