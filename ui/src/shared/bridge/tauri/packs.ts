/** Packs of the desktop: forwarded to the shell. */
import type { Packs } from "../packs";
import { call } from "./call";

export const desktopPacks = (): Packs => ({
  list: () => call("packs"),
  get: (id) => call("pack", { id }),
  make: (title) => call("make_pack", { title }),
  rename: (id, title) => call("rename_pack", { id, title }),
  remove: (id) => call("delete_pack", { id }),
  publish: (id, shown) => call("publish_pack", { id, public: shown }),
  share: (classId, id) => call("share_pack_with_class", { classId, id }),
  unshare: (classId, id) => call("unshare_pack_with_class", { classId, id }),
  keep: (id, turn) => call("keep_turn", { id, ...turn }),
  write: (id, words) => call("write_card", { id, ...words }),
  correct: (id, card, words) => call("correct_card", { id, card, ...words }),
  discard: (id, card) => call("delete_card", { id, card }),
  anki: (id) => call("pack_for_anki", { id }),
});
