/** The steps of getting into an account, and what is carried from one to the next. */
import type { Challenge } from "@/shared/bridge/bridge";

export type Step =
  | { at: "signIn" | "signUp" | "forgot"; email: string }
  /** The password is carried, so that confirming an address signs in. */
  | { at: "verify"; email: string; password: string }
  | { at: "reset"; email: string }
  | { at: "proof"; email: string; password: string; challenge: Challenge };

export const BEGIN: Step = { at: "signIn", email: "" };
