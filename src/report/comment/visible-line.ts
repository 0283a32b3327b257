/** Terminal sequences: CSI (colours), and OSC (links, titles) up to its end; in 7 and 8 bits. */
const sequences =
  // eslint-disable-next-line no-control-regex -- control characters are what it looks for
  /(?:\u001b\[|\u009b)[0-?]*[ -/]*[@-~]|(?:\u001b\]|\u009d)[^\u0007\u001b\u009c\u009d]*(?:\u0007|\u001b\\|\u009c)/g;
/** Control and format characters (those that turn the direction of text among them), and any space. */
const unseen = /[\p{Cc}\p{Cf}\p{Zl}\p{Zp}\s]+/gu;

/** Text from elsewhere as one well-formed line of what can be seen. Source: ECMA-48, Unicode's general categories. */
export function visibleLine(text: string): string {
  return text.replace(sequences, '').toWellFormed().replace(unseen, ' ').trim();
}
