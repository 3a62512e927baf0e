// A node that there need not be: none at first, set and left by the person, the same for all identities.
// Promises: what the node learns, and what its word is worth, stands before its address is typed. Must not: suggest a node, or talk to one itself.
import { useState } from 'preact/hooks';
import type { NodeKind } from '../../contract/origins';
import { MissingPermission, NodeFormEnd, useNodeUse } from '../network/node-form';
import { useMissingPermission } from '../network/node-permission';
import { Button } from '../parts/form/button';
import { TextField } from '../parts/form/field';
import { t, type MessageKey } from '../text';
import { Panel } from './panel';

interface OptionalNodeProps {
  kind: NodeKind;
  /** The node as it is kept; null for none. */
  node: string | null;
  /** How it is named on the page; an address may hold a key of its operator's. */
  nameOf: (url: string) => string;
  addressOf: (typed: string) => string | undefined;
  check: (url: string) => Promise<unknown>;
  keep: (url: string | null) => Promise<unknown>;
  /** Whether the address that is set stands in the field, to be changed. */
  isShown: boolean;
  longest: number;
  words: {
    title: MessageKey;
    meaning: MessageKey;
    set: MessageKey;
    /** What to know before. */
    before: readonly MessageKey[];
    hint: MessageKey;
    wrong: MessageKey;
  };
}

export function OptionalNode(props: OptionalNodeProps) {
  const { kind, node, nameOf, addressOf, isShown, words } = props;
  const shown = isShown ? (node ?? '') : '';
  const [isChanging, setChanging] = useState(false);
  const [typed, setTyped] = useState(shown);
  const nodeUse = useNodeUse();
  const isBusy = nodeUse.call.isBusy;
  const isMissing = useMissingPermission(node, kind);
  const url = typed.trim() === '' && isMissing ? (node ?? undefined) : addressOf(typed);
  const canUse = url !== undefined && (url !== node || isMissing);
  const begin = (next: boolean) => {
    setChanging(next);
    setTyped(shown);
    nodeUse.forget();
  };
  const use = (next: string | null) =>
    nodeUse.use(
      next === null ? undefined : { url: next, kind, check: () => props.check(next) },
      () => props.keep(next),
      () => setChanging(false),
    );
  return (
    <Panel
      title={t(words.title)}
      meaning={t(words.meaning)}
      side={
        !isBusy && (
          <Button testId="optional-node-change" compact onPress={() => begin(!isChanging)}>
            {t(isChanging ? 'cancel' : node === null ? words.set : 'networkChange')}
          </Button>
        )
      }
    >
      {node !== null && <p class="mono node-name">{nameOf(node)}</p>}
      {isMissing && !isBusy && <MissingPermission />}
      {(isChanging || isMissing) && (
        <form
          class="stack"
          onSubmit={(event) => {
            event.preventDefault();
            if (canUse) use(url);
          }}
        >
          <ul class="bulleted">
            {words.before.map((key) => (
              <li key={key}>{t(key)}</li>
            ))}
          </ul>
          <TextField
            testId="optional-node-address"
            label={t('networkAddress')}
            placeholder="https://"
            value={typed}
            onValue={(value) => {
              setTyped(value);
              nodeUse.call.forgetError();
            }}
            hint={t(words.hint)}
            error={typed.trim().length > 8 && url === undefined ? t(words.wrong) : undefined}
            longest={props.longest}
            isFocusedFirst
            isMono
          />
          <NodeFormEnd node={nodeUse}>
            <div class="row wrap">
              <Button testId="optional-node-use" look="primary" type="submit" isOff={!canUse}>
                {t('networkUse')}
              </Button>
              {node !== null && (
                <Button testId="optional-node-none" onPress={() => use(null)}>
                  {t('inboxNodeUseNone')}
                </Button>
              )}
            </div>
          </NodeFormEnd>
        </form>
      )}
    </Panel>
  );
}
