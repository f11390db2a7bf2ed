/** The account, as a screen. */
import { Account } from "@/features/account/account";

export function AccountScreen() {
  return <Account />;
}
