// A checkbox that is a permission of the browser: on while the browser has given it, whoever gave or took it.
// Promises: the browser is asked in the press, for this one permission; shows what the browser says; switched off, the permission is given back.
// Must not: be shown where the browser does not know the permission.
import type { ComponentChildren } from 'preact';
import { useEffect, useState } from 'preact/hooks';
import browser from 'webextension-polyfill';
import { t } from '../../text';
import { Notice } from '../notice';
import { Choice } from './field';

/** Those that a person switches on by themselves; each is optional in the manifest. */
export type SwitchedPermission = 'notifications' | 'sidePanel' | 'favicon';

const of = (name: SwitchedPermission) => ({ permissions: [name] }) as browser.Permissions.Permissions;

/** Whether the browser has given it; undefined until that is known. */
export function usePermission(name: SwitchedPermission): boolean | undefined {
  const [isGiven, setGiven] = useState<boolean>();
  useEffect(() => {
    const look = () =>
      void browser.permissions.contains(of(name)).then(setGiven, () => {
        // A browser that does not know it gives it to nobody.
        setGiven(false);
      });
    look();
    browser.permissions.onAdded.addListener(look);
    browser.permissions.onRemoved.addListener(look);
    return () => {
      browser.permissions.onAdded.removeListener(look);
      browser.permissions.onRemoved.removeListener(look);
    };
  }, [name]);
  return isGiven;
}

interface SwitchProps {
  testId: string;
  permission: SwitchedPermission;
  /** What else belongs to on and off; before the permission goes, after it came. */
  onTurn?: (isOn: boolean) => Promise<void>;
  children: ComponentChildren;
}

export function PermissionSwitch({ testId, permission, onTurn, children }: SwitchProps) {
  const isGiven = usePermission(permission);
  const [isRefused, setRefused] = useState(false);
  if (isGiven === undefined) return null;
  const turn = async (isOn: boolean): Promise<boolean> => {
    // First of all, while the press still counts as an act of a person.
    if (isOn && !(await browser.permissions.request(of(permission)))) return false;
    await onTurn?.(isOn);
    return isOn || (await browser.permissions.remove(of(permission)));
  };
  const choose = (isOn: boolean) => {
    setRefused(false);
    turn(isOn).then(
      (isDone) => setRefused(!isDone),
      () => setRefused(true),
    );
  };
  return (
    <>
      <Choice testId={testId} type="checkbox" name={permission} isChosen={isGiven} onChoose={choose}>
        {children}
      </Choice>
      {isRefused && (
        <div class="card-body">
          <Notice testId="permission-refused">{t('permissionRefused')}</Notice>
        </div>
      )}
    </>
  );
}
