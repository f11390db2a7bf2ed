/** The steps of getting into an account, and what is carried from one to the next. */
import type { Challenge } from "@/shared/bridge/bridge";

export type Step =
  | { at: "signUp" | "forgot"; email: string }
  /** What was done just now, by a code that is used up, and why signing in failed then. */
  | { at: "signIn"; email: string; done?: "verify" | "reset"; why?: string }
  /**
   * The password is carried, so that confirming an address signs in; a letter was sent because they signed up here, may have been sent
   * because they asked for one, or came long ago.
   */
  | { at: "verify"; email: string; password: string; letter: "sent" | "asked" | null }
  | { at: "reset"; email: string }
  | { at: "proof"; email: string; password: string; challenge: Challenge };

export const BEGIN: Step = { at: "signIn", email: "" };
