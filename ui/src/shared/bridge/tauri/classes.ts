/** Classes of the desktop: forwarded to the shell. */
import type { Classes } from "../classes";
import { call } from "./call";

export const desktopClasses = (): Classes => ({
  list: () => call("classes"),
  get: (id) => call("class", { id }),
  join: (code, name) => call("join_class", { code, name: name || null }),
  create: (name) => call("create_class", { name }),
  rename: (id, name) => call("rename_class", { id, name }),
  renew: (id) => call("renew_class_code", { id }),
  leave: (id) => call("leave_class", { id }),
  dismiss: (id, member) => call("dismiss_member", { id, member }),
  remove: (id) => call("delete_class", { id }),
  share: (id, source) => call("share_with_class", { id, source }),
  unshare: (id, source) => call("unshare_with_class", { id, source }),
  publish: (source, shown) => call("publish", { source, public: shown }),
});
