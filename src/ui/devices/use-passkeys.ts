// Whether this browser can make and ask passkeys that open a safe.
import { useEffect, useState } from 'preact/hooks';
import { canUsePasskeys } from './passkeys';

/** Undefined until it is known. */
export function usePasskeys(): boolean | undefined {
  const [can, setCan] = useState<boolean>();
  useEffect(() => {
    let isMounted = true;
    void canUsePasskeys().then((answer) => isMounted && setCan(answer));
    return () => void (isMounted = false);
  }, []);
  return can;
}
