// The text that a person signs to log in, with the fields of CAIP-122 in the form that wallets know ("Sign-In with Ethereum").
const line = /^([A-Z][A-Za-z ]+): (.+)$/;

/** The text of a challenge. Times are ISO 8601. */
export function challengeText({ domain, address, statement, uri, chainId, nonce, issuedAt, expirationTime }) {
  return [
    `${domain} wants you to sign in with your Ethereum account:`,
    address,
    '',
    statement,
    '',
    `URI: ${uri}`,
    'Version: 1',
    `Chain ID: ${chainId}`,
    `Nonce: ${nonce}`,
    `Issued At: ${issuedAt}`,
    `Expiration Time: ${expirationTime}`,
  ].join('\n');
}

/** The fields of a text that `challengeText` made; undefined for every other text. */
export function readChallenge(text) {
  const [first = '', address = '', , statement = '', , ...rest] = text.split('\n');
  const named = Object.fromEntries(rest.flatMap((one) => (line.test(one) ? [line.exec(one).slice(1)] : [])));
  const fields = {
    domain: first.replace(/ wants you to sign in with your Ethereum account:$/, ''),
    address,
    statement,
    uri: named.URI,
    chainId: Number(named['Chain ID']),
    nonce: named.Nonce,
    issuedAt: named['Issued At'],
    expirationTime: named['Expiration Time'],
  };
  // Read loosely; what decides is that the fields give this very text again.
  return challengeText(fields) === text ? fields : undefined;
}
