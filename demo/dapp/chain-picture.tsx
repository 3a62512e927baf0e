// The chain as a picture: account, identity key, prekey, signature, and who signed whom.
// Promises that a check mark stands only on a link that was verified; without a chain it shows the empty frame.
import type { VaultSignatureRefusal } from '../../src/sdk/index';
import type { VerifiedVaultSignature } from '../../src/sdk/verify/index';
import { dateOnly, shortAddress, shortHex } from './words';

type LinkState = 'open' | 'holds' | 'broken' | 'unknown';

const nodeHeight = 56;
const step = 104;

/** Which of the three links each refusal is about; 'all' when nothing can be said. */
const brokenLink: Readonly<Record<VaultSignatureRefusal, 0 | 1 | 2 | 'all'>> = {
  malformed: 'all',
  'wrong-account': 0,
  'identity-key-invalid': 0,
  'prekey-invalid': 1,
  'signature-invalid': 2,
  'wrong-origin': 2,
  'wrong-purpose': 2,
  'wrong-payload': 2,
  'too-old': 2,
  'from-the-future': 2,
};

export function ChainPicture({ chain, refusal }: { chain?: VerifiedVaultSignature; refusal?: VaultSignatureRefusal }) {
  const nodes = nodesOf(chain);
  const links = [0, 1, 2].map((link) => linkState(link, chain !== undefined, refusal));
  return (
    <svg
      class={chain === undefined ? 'chain chain-empty' : 'chain'}
      height={3 * step + nodeHeight + 2}
      role="img"
      aria-label={description(nodes, links)}
      data-testid="dapp-chain"
    >
      {links.map((state, at) => (
        <Link key={at} y={at * step + nodeHeight + 1} state={state} what={linkWhat[at]!} />
      ))}
      {nodes.map((node, at) => (
        <g key={node.name} transform={`translate(0 ${at * step + 1})`} class={`node node-${at}`}>
          <rect height={nodeHeight} rx="8" />
          <g class="icon" transform="translate(16 16)">
            <path d={icons[at]!} />
          </g>
          <text x="56" y={node.hex === '' ? 33 : 24} class="node-name">
            {node.name}
          </text>
          <text x="56" y="43" class="node-hex">
            {node.hex}
          </text>
          <text x="100%" dx="-16" y="24" class="node-date" text-anchor="end">
            {node.date}
          </text>
        </g>
      ))}
    </svg>
  );
}

const linkWhat = ['identity key', 'prekey', 'text'];

// 24 by 24: a person, a key with a round bow, the same key, a pen stroke.
const key = 'M7.5 8a4 4 0 1 1 0 8 4 4 0 0 1 0-8M11.5 12H21v3.5M17 12v2.5';
const icons = [
  'M12 4a4 4 0 1 1 0 8 4 4 0 0 1 0-8M4.5 20.5c.8-3.7 3.7-5.5 7.5-5.5s6.7 1.8 7.5 5.5',
  key,
  key,
  'M3 18c4-1 5-10 8-10s-2 9 1.5 9 3-5 8.5-6',
];

function Link({ y, state, what }: { y: number; state: LinkState; what: string }) {
  const end = y + step - nodeHeight;
  const middle = (y + end) / 2;
  return (
    <g class={`link link-${state}`}>
      <line x1="28" x2="28" y1={y} y2={end} />
      <circle cx="28" cy={middle} r="10" />
      {state === 'holds' && <path d={`M23.5 ${middle + 0.5}l3 3 6-6.5`} />}
      {state === 'broken' && <path d={`M24.5 ${middle - 3.5}l7 7m0-7-7 7`} />}
      {state === 'unknown' && <path d={`M24.5 ${middle}h7`} />}
      <text x="56" y={middle + 4}>
        {linkText(state, what)}
      </text>
    </g>
  );
}

function linkText(state: LinkState, what: string): string {
  return {
    open: `signs the ${what}`,
    holds: `signed this ${what}`,
    broken: `never signed this ${what}`,
    unknown: 'not checked',
  }[state];
}

function nodesOf(chain: VerifiedVaultSignature | undefined) {
  if (chain === undefined) {
    return ['Account', 'Identity key', 'Prekey', 'Signature'].map((name) => ({ name, hex: '', date: '' }));
  }
  const { identityKey, prekey } = chain;
  return [
    { name: 'Account', hex: shortAddress(chain.account), date: '' },
    { name: 'Identity key', hex: shortHex(identityKey.publicKey, 1), date: dateOnly(identityKey.createdAtMs) },
    { name: 'Prekey', hex: shortHex(prekey.publicKey, 1), date: dateOnly(prekey.createdAtMs) },
    { name: 'Signature', hex: shortHex(chain.signature), date: dateOnly(chain.issuedAtMs) },
  ];
}

function linkState(link: number, hasChain: boolean, refusal: VaultSignatureRefusal | undefined): LinkState {
  if (refusal === undefined) return hasChain ? 'holds' : 'open';
  const broken = brokenLink[refusal];
  if (broken === 'all') return 'unknown';
  return broken === link ? 'broken' : 'unknown';
}

function description(nodes: { name: string; hex: string }[], links: LinkState[]): string {
  const parts = links.map((state, at) => `${nodes[at]!.name} ${nodes[at]!.hex} ${linkText(state, linkWhat[at]!)}`);
  return [...parts, `Signature ${nodes[3]!.hex}`].join('. ');
}
