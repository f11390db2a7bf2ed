/** Signing up and in, with everything that belongs to it: a code from a letter, a forgotten password, a second proof. */
import { useState } from "react";
import { useBridge } from "@/shared/bridge/context";
import { toFailure } from "@/shared/failure";
import { useLoaded } from "@/shared/store/use-watch";
import { t } from "@/shared/text";
import { Button } from "@/shared/ui/button";
import { announce } from "@/shared/ui/live";
import { AccountForm, Field } from "./form";
import { BEGIN, type Step } from "./steps";

/** Somebody whose address is known, such as after their sign-in ended, only types the password. */
export function Entering({ email = "" }: { email?: string }) {
  const { accounts, server } = useBridge();
  const [step, setStep] = useState<Step>(email ? { at: "signIn", email } : BEGIN);
  const { value: discovery } = useLoaded("discovery", () => server.discovery());
  const here = discovery?.accounts;
  const letter = t(here?.mail === "outbox" ? "account.letter.outbox" : "account.letter.mail", { email: step.email });
  const to = (at: "signIn" | "signUp" | "forgot") => () => setStep({ at, email: step.email });
  // Whether the address or the password was wrong, or the address has still to be confirmed, a refusal does not say.
  const [refused, setRefused] = useState<{ email: string; password: string } | null>(null);
  const enter = async (address: string, password: string) => {
    const challenge = await accounts.signIn(address, password);
    if (challenge) setStep({ at: "proof", email: address, password, challenge });
  };
  const again = async (waiting: Extract<Step, { at: "verify" }>) => {
    try {
      await accounts.verifyAgain(waiting.email);
      setStep((now) => (now === waiting ? { ...waiting, asked: true } : now));
      announce(t("account.again.done"));
    } catch {
      // The letters before stay good, and it may be asked for again.
    }
  };
  const address = <Field label={t("account.email")} name="email" type="email" autoComplete="username" defaultValue={step.email} maxLength={254} />;
  const code = <Field label={t("account.code")} name="code" autoComplete="one-time-code" autoCapitalize="characters" spellCheck={false} autoFocus maxLength={20} />;
  const newPassword = <Field label={t("account.password.new")} hint={t("account.password.hint")} name="password" type="password" autoComplete="new-password" minLength={8} maxLength={128} />;
  switch (step.at) {
    case "signIn":
      return (
        <AccountForm
          key="signIn"
          title={t("account.signIn")}
          text={step.confirmed ? t("account.verify.done") : undefined}
          send={t("account.signIn")}
          onSend={async ({ email: typed = "", password = "" }) => {
            try {
              await enter(typed, password);
            } catch (error) {
              if (toFailure(error).code === "wrong_credentials") setRefused({ email: typed, password });
              throw error;
            }
          }}
          others={
            <>
              {refused && <Button look="quiet" onClick={() => setStep({ at: "verify", ...refused, asked: false })}>{t("account.verify")}</Button>}
              <Button look="quiet" onClick={to("forgot")}>{t("account.forgot")}</Button>
              <Button look="quiet" onClick={to("signUp")}>{t("account.signUp")}</Button>
            </>
          }
        >
          {address}
          <Field label={t("account.password")} name="password" type="password" autoComplete="current-password" maxLength={128} />
        </AccountForm>
      );
    case "signUp":
      return (
        <AccountForm
          key="signUp"
          title={t("account.signUp")}
          text={t("account.signUp.text")}
          send={t("account.signUp")}
          onSend={async ({ email: typed = "", password = "", name = "", invitation = "" }) => {
            await accounts.register({ email: typed, password, name, invitation });
            setStep({ at: "verify", email: typed, password, asked: true });
          }}
          others={<Button look="quiet" onClick={to("signIn")}>{t("account.have")}</Button>}
        >
          {address}
          {newPassword}
          <Field label={t("account.name")} hint={t("account.name.hint")} name="name" autoComplete="name" required={false} maxLength={80} />
          <Field label={t(here?.invitedOnly ? "account.invitation" : "account.invitation.role")} name="invitation" autoComplete="off" required={here?.invitedOnly === true} />
        </AccountForm>
      );
    case "verify":
      return (
        <AccountForm
          key="verify"
          title={t("account.verify")}
          text={step.asked ? letter : t("account.verify.text", { email: step.email })}
          send={t("account.verify.send")}
          onSend={async ({ code: typed = "" }) => {
            await accounts.verify(step.email, typed);
            setRefused(null);
            try {
              await enter(step.email, step.password);
            } catch (error) {
              if (toFailure(error).code !== "wrong_credentials") throw error;
              // The code is used up, and the password was not the one that was signed up with.
              setStep({ at: "signIn", email: step.email, confirmed: true });
            }
          }}
          others={
            <>
              <Button look="quiet" onClick={() => void again(step)}>{t("account.again")}</Button>
              <Button look="quiet" onClick={to("signIn")}>{t("account.have")}</Button>
            </>
          }
        >
          {code}
        </AccountForm>
      );
    case "forgot":
      return (
        <AccountForm
          key="forgot"
          title={t("account.forgot")}
          text={t("account.forgot.text")}
          send={t("account.forgot.send")}
          onSend={async ({ email: typed = "" }) => {
            await accounts.forgotten(typed);
            setStep({ at: "reset", email: typed });
          }}
          others={<Button look="quiet" onClick={to("signIn")}>{t("cancel")}</Button>}
        >
          {address}
        </AccountForm>
      );
    case "reset":
      return (
        <AccountForm
          key="reset"
          title={t("account.reset")}
          text={letter}
          send={t("account.reset")}
          onSend={async ({ code: typed = "", password = "" }) => {
            await accounts.reset(step.email, typed, password);
            await enter(step.email, password);
          }}
          others={<Button look="quiet" onClick={to("signIn")}>{t("cancel")}</Button>}
        >
          {code}
          {newPassword}
        </AccountForm>
      );
    case "proof":
      return (
        <AccountForm
          key="proof"
          title={t("account.proof")}
          text={t("account.proof.text")}
          send={t("account.signIn")}
          onSend={async ({ code: answer = "" }) => {
            const more = await accounts.signIn(step.email, step.password, { ...step.challenge, answer });
            if (more) setStep({ ...step, challenge: more });
          }}
          others={<Button look="quiet" onClick={to("signIn")}>{t("cancel")}</Button>}
        >
          {code}
        </AccountForm>
      );
  }
}
