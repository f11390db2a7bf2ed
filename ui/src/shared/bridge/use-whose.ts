/** In whose name the page asks: an account, or nothing for a guest. After another one came, what was fetched is not theirs. */
import { useWatch } from "@/shared/store/use-watch";
import { useBridge } from "./context";

export function useWhose(): string {
  const standing = useWatch(useBridge().accounts.standing);
  return standing.state === "guest" ? "" : standing.account.accountId;
}
