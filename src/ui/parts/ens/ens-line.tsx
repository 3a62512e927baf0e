// What ENS says of one account, as a line of its own below the address.
// Promises: says that it is ENS who says so; what could not be read is told from "no name"; it takes the same room whatever the answer is.
import { rich, t } from '../../text';
import { DappText } from '../shown/dapp-text';
import type { EnsSays } from './says';

const words = { asking: 'ensAsking', odd: 'ensOdd', none: 'ensNone', unknown: 'ensUnknown' } as const;

export function EnsLine({ says }: { says: EnsSays | undefined }) {
  if (says === undefined) return null;
  return (
    <p class="small soft" data-testid="ens-says" data-is={says.is}>
      {says.is === 'named'
        ? rich(
            'ensSays',
            <bdi dir="ltr" title={says.name}>
              <DappText text={says.name} />
            </bdi>,
          )
        : t(words[says.is])}
    </p>
  );
}
