/** Whose something is, in words. */
import { t } from "@/shared/text";

/** Whoever brought it is called by their name, where they have one that is told. */
export function whose({ own, ownerName }: { own: boolean; ownerName?: string | null }): string {
  if (own) return t("row.own");
  return ownerName ? t("row.from", { name: ownerName }) : t("row.shared");
}
