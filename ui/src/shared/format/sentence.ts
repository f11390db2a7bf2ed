/** Failures in words. Programs say them without a capital and a full stop, so that they can be put together. */
import { translated } from "@/shared/text";

/** What went wrong: the translation's words for its code, or else those that came with it. */
export function inWords({ code, message }: { code: string; message: string }): string {
  return translated(code, message) ?? sentence(message);
}

export function sentence(text: string): string {
  const trimmed = text.trim();
  // A name in small letters, such as a file's, keeps them.
  const begun = /^\p{Ll}+(?=[\s,;])/u.test(trimmed) ? trimmed.charAt(0).toLocaleUpperCase() + trimmed.slice(1) : trimmed;
  return /[.!?…”]$/u.test(begun) ? begun : `${begun}.`;
}
