// Reading old messages: from the node that is set, or from files with exported envelopes, as long as the person lets it go on.
// Promises: shows how much is read and what could not be; stops at once; what was read is kept, and going on continues where it stopped, also after the
// page was closed. Must not: show a message.
import { useEffect, useRef, useState } from 'preact/hooks';
import type { ArchiveState, NodeStep } from '../../../contract/pages/archive';
import type { Settings } from '../../../contract/pages/settings';
import { byteSize, wholeNumber } from '../../format';
import { networkWords } from '../../network/network-setting';
import { Failure } from '../../parts/failure';
import { Button } from '../../parts/form/button';
import { DropField } from '../../parts/form/drop-field';
import { LongWork } from '../../parts/long-work';
import { Notice } from '../../parts/notice';
import { DappText } from '../../parts/shown/dapp-text';
import { t } from '../../text';
import { ask } from '../../worker/calls';
import { Panel } from '../panel';
import { keyOfFile, piecesOf } from './file-lines';

type Phase =
  | { kind: 'idle' }
  | { kind: 'running'; from: 'node' | 'file'; words: string }
  | { kind: 'stopped' | 'done' }
  | { kind: 'failed'; error: unknown };

const stepWords = {
  invitations: 'gatherInvitations',
  introductions: 'gatherIntroductions',
  conversations: 'gatherConversations',
} as const satisfies Record<NodeStep['at'], string>;

interface GatherPanelProps {
  safeId: string;
  settings: Settings;
  state: ArchiveState;
  /** Reads the state again. */
  onRead: () => void;
  /** Goes to where a node is set. */
  onNetwork: () => void;
}

export function GatherPanel({ safeId, settings, state, onRead, onNetwork }: GatherPanelProps) {
  const [phase, setPhase] = useState<Phase>({ kind: 'idle' });
  const [counted, setCounted] = useState({ seen: 0, added: 0, bad: 0, other: 0 });
  const turn = useRef(0);
  // Once it is left, it reads no further.
  useEffect(() => () => void (turn.current += 1), []);
  const nodeUrl = settings.environment?.url;
  const node = nodeUrl === undefined ? undefined : state.nodes[nodeUrl];

  /** Runs `work` until it ends, or another takes its place. */
  async function run(
    from: 'node' | 'file',
    words: string,
    work: (isOver: () => boolean) => Promise<void>,
  ): Promise<void> {
    const mine = ++turn.current;
    const isOver = () => mine !== turn.current;
    setCounted({ seen: 0, added: 0, bad: 0, other: 0 });
    setPhase({ kind: 'running', from, words });
    try {
      await work(isOver);
      if (!isOver()) setPhase({ kind: 'done' });
    } catch (error) {
      if (!isOver()) setPhase({ kind: 'failed', error });
    }
    onRead();
  }
  const count = ({ seen, added, bad, other }: typeof counted) =>
    setCounted((now) => ({
      seen: now.seen + seen,
      added: now.added + added,
      bad: now.bad + bad,
      other: now.other + other,
    }));

  const fromNode = (isFresh: boolean) =>
    run('node', t('gatherInvitations'), async (isOver) => {
      for (let fresh = isFresh; ; fresh = false) {
        const step = await ask('archive_readNode', { safeId, node: nodeUrl, fresh });
        // A step that nobody waited for was written down all the same.
        if (isOver()) return;
        count({ seen: step.seen, added: step.added, bad: 0, other: 0 });
        if (step.isAtEnd) return;
        const { topics } = step;
        const where = topics ? ` ${t('gatherOf', wholeNumber(topics.done), wholeNumber(topics.all))}` : '';
        setPhase({ kind: 'running', from: 'node', words: t(stepWords[step.at]) + where });
      }
    });

  const fromFiles = (files: readonly File[]) =>
    run('file', t('gatherFile', ''), async (isOver) => {
      for (const file of files) {
        setPhase({ kind: 'running', from: 'file', words: t('gatherFile', file.name.slice(0, 60)) });
        const fileKey = await keyOfFile(file);
        const from = await ask('archive_fileBegun', { safeId, fileKey });
        for await (const piece of piecesOf(file, from)) {
          if (isOver()) return;
          const step = await ask('archive_readLines', { safeId, fileKey, ...piece });
          if (isOver()) return;
          count({ seen: step.rows, added: step.added, bad: step.badLines, other: step.otherRows });
        }
      }
    });

  const stop = () => {
    turn.current += 1;
    setPhase({ kind: 'stopped' });
    onRead();
  };

  const words = t('gatherCount', wholeNumber(counted.seen), wholeNumber(counted.added));
  const isRunning = phase.kind === 'running';
  return (
    <Panel title={t('gatherTitle')} meaning={t('gatherMeaning')}>
      <div
        class="stack"
        data-testid="gather"
        data-phase={phase.kind}
        data-rows={state.rows}
        data-bad={state.badLines}
        data-other={state.otherRows}
      >
        <dl class="facts">
          <dt>{t('gatherRows')}</dt>
          <dd>{t('gatherRowsSize', wholeNumber(state.rows), byteSize(state.bytes))}</dd>
          {state.invitationsLeft > 0 && (
            <>
              <dt>{t('defectInvitation')}</dt>
              <dd>{wholeNumber(state.invitationsLeft)}</dd>
            </>
          )}
          {state.badLines > 0 && (
            <>
              <dt>{t('defectBadLines')}</dt>
              <dd>{wholeNumber(state.badLines)}</dd>
            </>
          )}
          {state.otherRows > 0 && (
            <>
              <dt>{t('defectOtherRows')}</dt>
              <dd>{wholeNumber(state.otherRows)}</dd>
            </>
          )}
        </dl>
        {phase.kind === 'running' && (
          <LongWork
            sentence={t(phase.from === 'node' ? 'gatherFromNode' : 'gatherFromFiles')}
            counted={words}
            onStop={stop}
          >
            <p class="small soft">
              <DappText text={phase.words} />
            </p>
          </LongWork>
        )}
        {phase.kind === 'done' && (
          <Notice tone="good" title={t('gatherDone')}>
            {words}
          </Notice>
        )}
        {phase.kind === 'stopped' && (
          <Notice title={t('gatherStopped')}>
            {words} {t('gatherStoppedBody')}
          </Notice>
        )}
        {phase.kind === 'failed' && (
          <Failure error={phase.error}>
            <p>{t('gatherKept', words)}</p>
          </Failure>
        )}
        {!isRunning && (
          <>
            <div class="stack tight">
              <h3>{t('gatherNodeTitle')}</h3>
              <p class="soft">
                {nodeUrl === undefined ? t('gatherNoNode') : t('gatherNodeMeaning', networkWords(settings.environment))}
              </p>
              <div class="row wrap">
                {nodeUrl === undefined ? (
                  <Button testId="gather-set-node" onPress={onNetwork}>
                    {t('gatherSetNode')}
                  </Button>
                ) : (
                  <>
                    <Button testId="gather-node" onPress={() => void fromNode(false)}>
                      {node && !node.isAtEnd ? t('goOn') : t('gatherNode')}
                    </Button>
                    {node && !node.isAtEnd && (
                      <Button testId="gather-node-anew" look="quiet" onPress={() => void fromNode(true)}>
                        {t('gatherAnew')}
                      </Button>
                    )}
                  </>
                )}
              </div>
            </div>
            <DropField
              testId="gather-files"
              label={t('gatherFilesTitle')}
              hint={t('gatherFilesHint')}
              words={t('filesChoose')}
              isMany
              onFiles={(files) => void fromFiles(files)}
            />
          </>
        )}
      </div>
    </Panel>
  );
}
