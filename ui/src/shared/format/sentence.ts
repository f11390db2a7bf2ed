/** A failure's words as a sentence. Programs say them without a capital and a full stop, so that they can be put together. */

export function sentence(text: string): string {
  const trimmed = text.trim();
  // A name in small letters, such as a file's, keeps them.
  const begun = /^\p{Ll}+(?=[\s,;])/u.test(trimmed) ? trimmed.charAt(0).toLocaleUpperCase() + trimmed.slice(1) : trimmed;
  return /[.!?…”]$/u.test(begun) ? begun : `${begun}.`;
}
