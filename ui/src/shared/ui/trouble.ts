/** What stands in the way of a microphone, in words for a person. */
import { type Failure, code } from "@/shared/failure";
import { sentence } from "@/shared/format/sentence";
import { type Key, t } from "@/shared/text";

const KNOWN: Record<string, [title: Key, text: Key]> = {
  [code.noMicrophone]: ["mic.none.title", "mic.none.text"],
  [code.refusedMicrophone]: ["mic.refused.title", "mic.refused.text"],
  [code.unplugged]: ["mic.unplugged.title", "mic.unplugged.text"],
  [code.insecure]: ["mic.insecure.title", "mic.insecure.text"],
};

/** `text` is empty for what is not about a microphone. */
export function trouble(failure: Failure): { title: string; text: string } {
  const known = KNOWN[failure.code];
  return known ? { title: t(known[0]), text: t(known[1]) } : { title: sentence(failure.message), text: "" };
}
