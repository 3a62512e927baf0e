// A long number in hex digits, whole: on one line where there is room, otherwise broken in the middle and nowhere else.
// Promises: the text is exactly the digits, also when it is copied, and runs from left to right in every language. Must not: shorten.
export function Digits({ digits }: { digits: string }) {
  const middle = Math.ceil(digits.length / 2);
  return (
    <bdi dir="ltr">
      <span class="half">{digits.slice(0, middle)}</span>
      <wbr />
      <span class="half">{digits.slice(middle)}</span>
    </bdi>
  );
}
