/** What stands in the way of speaking and hearing, in words for a person. */
import { type Failure, code } from "@/shared/failure";
import { inWords } from "@/shared/format/sentence";
import { type Key, t } from "@/shared/text";

const KNOWN: Record<string, [title: Key, text: Key]> = {
  [code.noMicrophone]: ["mic.none.title", "mic.none.text"],
  [code.refusedMicrophone]: ["mic.refused.title", "mic.refused.text"],
  [code.busyMicrophone]: ["mic.busy.title", "mic.busy.text"],
  [code.unplugged]: ["mic.unplugged.title", "mic.unplugged.text"],
  [code.insecure]: ["mic.insecure.title", "mic.insecure.text"],
};

interface Trouble {
  title: string;
  text: string;
  /** Whether it is about a microphone, which may be opened once more. */
  microphone: boolean;
  /** Whether nothing went wrong. */
  calm?: boolean;
}

export function trouble(failure: Failure): Trouble {
  const known = KNOWN[failure.code];
  if (known) return { title: t(known[0]), text: t(known[1]), microphone: true };
  if (failure.code === code.fullQuestion) return { title: t("ask.full"), text: t("ask.full.text"), microphone: false, calm: true };
  if (failure.code === code.threadGone) return { title: t("talks.gone"), text: t("talks.gone.text"), microphone: false };
  if (failure.code === code.mute) return { title: t("ask.mute"), text: inWords(failure), microphone: false };
  return { title: inWords(failure), text: "", microphone: false };
}
