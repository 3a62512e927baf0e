// Secrets a task needs once more at its end, held for as long as the task is on the screen.
// Promises: bytes are copies, wiped when the task ends; nothing is kept beyond it. Must not: be put into the state of a component.
import { useEffect, useRef } from 'preact/hooks';
import type { GivenSecret } from '../signing/secret-form';
import { VaultCallError } from '../worker/channel';

export interface KeptSecrets {
  keep(secret: GivenSecret): void;
  /** Everything kept, in the order given. The bytes stay the keeper's. */
  all(): GivenSecret[];
  /** The first, which opened the identity once more when the task began. Throws VaultCallError `locked` where nothing is kept. */
  proof(): GivenSecret;
  /** Wipes and forgets. */
  forget(): void;
}

export function useKeptSecrets(): KeptSecrets {
  const kept = useRef<GivenSecret[]>([]);
  const forget = () => {
    for (const secret of kept.current) bytesOf(secret)?.fill(0);
    kept.current = [];
  };
  useEffect(() => forget, []);
  return {
    keep: (secret) => void kept.current.push(copyOf(secret)),
    all: () => [...kept.current],
    proof: () => {
      const [first] = kept.current;
      if (!first) throw new VaultCallError('locked');
      return first;
    },
    forget,
  };
}

/** The bytes in a secret; text cannot be wiped. */
function bytesOf(secret: GivenSecret): Uint8Array | undefined {
  if (secret.kind === 'wallet') return secret.signature;
  return secret.kind === 'passkey' ? secret.prfSecret : undefined;
}

function copyOf(secret: GivenSecret): GivenSecret {
  if (secret.kind === 'wallet') return { ...secret, signature: secret.signature.slice() };
  return secret.kind === 'passkey' ? { ...secret, prfSecret: secret.prfSecret.slice() } : { ...secret };
}
