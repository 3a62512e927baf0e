// The one component through which a dapp's text reaches the screen (R-C5).
// Promises: text nodes only; everything invisible is drawn as a labelled mark; bidirectional effects end at its border; at most
// 2 KiB until the person asks for the rest. Must not: be bypassed. No page puts a dapp's string anywhere else.
import { plural, t } from '../../text';
import { Button } from '../form/button';
import { dappTextModel, firstBytes, type Piece } from './dapp-text-model';

interface DappTextProps {
  text: string;
  /** Draw line breaks as breaks; otherwise as marks within the line. */
  isBlock?: boolean;
  /** Everything, whatever its length. */
  isWhole?: boolean;
  /** Offers the rest when something is left out; without it the number is only told. */
  onShowAll?: () => void;
}

function drawn(piece: Piece, isBlock: boolean) {
  switch (piece.kind) {
    case 'text':
      return piece.text;
    case 'escape':
      return (
        <span class="dapp-escape">{piece.count > 1 ? t('escapeTimes', piece.code, piece.count) : piece.code}</span>
      );
    case 'spaces':
      return <span class="dapp-escape">{plural('spaces', piece.count)}</span>;
    case 'newline': {
      if (!isBlock || piece.count > 2) {
        return (
          <>
            <span class="dapp-escape">{plural('lineBreak', piece.count)}</span>
            {isBlock && '\n'}
          </>
        );
      }
      return '\n'.repeat(piece.count);
    }
  }
}

export function DappText({ text, isBlock = false, isWhole = false, onShowAll }: DappTextProps) {
  const { pieces, moreCharacters } = dappTextModel(text, isWhole ? Infinity : firstBytes);
  const content = pieces.map((piece) => drawn(piece, isBlock));
  const more =
    moreCharacters > 0 &&
    (onShowAll ? (
      <Button testId="dapp-text-show-all" compact onPress={onShowAll}>
        {plural('showMore', moreCharacters)}
      </Button>
    ) : (
      <span class="dapp-escape">{plural('more', moreCharacters)}</span>
    ));
  return isBlock ? (
    <div class="stack tight">
      <div class="dapp-text" dir="auto">
        {content}
      </div>
      {more && <div>{more}</div>}
    </div>
  ) : (
    <bdi class="dapp-text">
      {content}
      {more}
    </bdi>
  );
}
