// Which of the wallets a page could offer are not there.
// Promises: looked at when the page comes up and each time it is looked at again, since a person may install or turn on a wallet meanwhile.
import { useEffect, useState } from 'preact/hooks';
import { watchAbsence } from '../../wallet/presence';

/** The ids among `extensionIds` that nothing answers under, as far as that is known by now. */
export function useAbsentWallets(extensionIds: readonly string[]): ReadonlySet<string> {
  const [absent, setAbsent] = useState<ReadonlySet<string>>(new Set());
  const ids = extensionIds.join(' ');
  useEffect(() => {
    let stops: (() => void)[] = [];
    const stop = () => stops.forEach((end) => end());
    const look = () => {
      if (document.hidden) return;
      stop();
      setAbsent((before) => (before.size > 0 ? new Set() : before));
      stops = ids.split(' ').map((id) => watchAbsence(id, () => setAbsent((before) => new Set([...before, id]))));
    };
    look();
    document.addEventListener('visibilitychange', look);
    window.addEventListener('focus', look);
    return () => {
      stop();
      document.removeEventListener('visibilitychange', look);
      window.removeEventListener('focus', look);
    };
  }, [ids]);
  return absent;
}
