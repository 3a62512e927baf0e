// The chain as a picture: account, identity key, prekey, signature, and who signed whom.
// Promises that a check mark stands only on a link that was verified; without a chain it shows the empty frame.
import type { VaultSignatureRefusal, VerifiedVaultSignature } from '../../src/sdk/index';
import { dateOnly, shortAddress, shortHex } from './words';

type LinkState = 'open' | 'holds' | 'broken' | 'unknown';

const width = 400;
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
      viewBox={`0 0 ${width} ${3 * step + nodeHeight + 2}`}
      role="img"
      aria-label={description(nodes, links)}
      data-testid="dapp-chain"
    >
      {links.map((state, at) => (
        <Link key={at} y={at * step + nodeHeight + 1} state={state} words={linkWords[at]!} />
      ))}
      {nodes.map((node, at) => (
        <g key={node.name} transform={`translate(1 ${at * step + 1})`} class={`node node-${at}`}>
          <rect width={width - 2} height={nodeHeight} rx="8" />
          <g class="icon" transform="translate(16 16)">
            <path d={icons[at]!} />
          </g>
          <text x="56" y="24" class="node-name">
            {node.name}
          </text>
          <text x="56" y="43" class="node-hex">
            {node.hex}
          </text>
          <text x={width - 18} y="24" class="node-date" text-anchor="end">
            {node.date}
          </text>
        </g>
      ))}
    </svg>
  );
}

const linkWords = ['signed once by the wallet', 'signed by the identity key', 'signed by the prekey'];

const icons = [
  // a person
  'M12 4a4 4 0 1 1 0 8 4 4 0 0 1 0-8M4 21c1-4 4-6 8-6s7 2 8 6',
  // a key
  'M8 9a4.5 4.5 0 1 1 0 .01M12.4 11.4 20 19m-3-3 2.5-2.5M15 14l2-2',
  // a smaller key on a ring
  'M7 6a3 3 0 1 1 0 .01M11.2 8.4 18 15.2m-2.4-2.4 2-2M4 15a8 8 0 0 0 9 5',
  // a pen stroke
  'M4 20c3-1 4-8 7-8s-1 7 2 7 3-4 7-5',
];

function Link({ y, state, words }: { y: number; state: LinkState; words: string }) {
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
        {state === 'broken' ? `not ${words}` : words}
      </text>
    </g>
  );
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
  const says = { open: 'will be', holds: 'verified:', broken: 'broken:', unknown: 'not checked:' };
  const parts = links.map((state, at) => `${nodes[at + 1]!.name} ${nodes[at + 1]!.hex} ${says[state]} ${linkWords[at]!}`);
  return [`Account ${nodes[0]!.hex}`, ...parts].join('. ');
}
