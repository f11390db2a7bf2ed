/** Signing up and in, with everything that belongs to it: a code from a letter, a forgotten password, a second proof. */
import { useId, useState } from "react";
import { useBridge } from "@/shared/bridge/context";
import { toFailure } from "@/shared/failure";
import { inWords } from "@/shared/format/sentence";
import { useLoaded } from "@/shared/store/use-watch";
import { t } from "@/shared/text";
import { Button } from "@/shared/ui/button";
import { AccountForm, Field, Whose } from "./form";
import { BEGIN, type Step } from "./steps";

/** Somebody whose address is known, such as after their sign-in ended, only types the password. */
export function Entering({ email = "" }: { email?: string }) {
  const { accounts, server } = useBridge();
  const [begun] = useState<Step>(email ? { at: "signIn", email } : BEGIN);
  const [step, setStep] = useState(begun);
  // What is typed into next has the keyboard, where it was not somewhere else on the screen.
  const focus = step !== begun || email !== "";
  const told = useId();
  const { value: discovery } = useLoaded("discovery", () => server.discovery());
  const here = discovery?.accounts;
  const by = here?.mail === "outbox" ? "outbox" : "mail";
  // A server does not say whether there is an account to send a letter for, so one that was only asked for is not promised.
  const letter = (about: "letter" | "verify" | "reset") => t(`account.${about}.${by}`, { email: step.email });
  const to = (at: "signIn" | "signUp" | "forgot") => () => setStep({ at, email: step.email });
  // Whether the address or the password was wrong, or the address has still to be confirmed, a refusal does not say.
  const [refused, setRefused] = useState<{ email: string; password: string } | null>(null);
  const enter = async (address: string, password: string) => {
    const challenge = await accounts.signIn(address, password);
    if (challenge) setStep({ at: "proof", email: address, password, challenge });
  };
  /** After a code was taken, which is used up: whatever keeps them out then is told where they can try again. */
  const enterBy = async (done: "verify" | "reset", address: string, password: string) => {
    setRefused(null);
    try {
      await enter(address, password);
    } catch (error) {
      const failure = toFailure(error);
      // Of an address that was shown to be theirs nothing else is wrong than the password, which is asked for.
      const why = failure.code === "wrong_credentials" ? "" : inWords(failure);
      setStep({ at: "signIn", email: address, done, why });
    }
  };
  const address = <Field label={t("account.email")} name="email" type="email" autoComplete="username" defaultValue={step.email} maxLength={254} />;
  const code = (
    <Field
      label={t(step.at === "proof" ? "account.proof.code" : "account.code")}
      name="code"
      autoComplete="one-time-code"
      autoCapitalize="characters"
      spellCheck={false}
      aria-describedby={told}
      maxLength={20}
    />
  );
  const newPassword = <Field label={t("account.password.new")} hint={t("account.password.hint")} name="password" type="password" autoComplete="new-password" minLength={8} />;
  switch (step.at) {
    case "signIn":
      return (
        <AccountForm
          key="signIn"
          title={t("account.signIn")}
          text={step.done && t(`account.${step.done}.done`)}
          textId={told}
          focus={focus}
          why={step.why}
          send={t("account.signIn")}
          onSend={async ({ email: typed = "", password = "" }) => {
            try {
              await enter(typed, password);
            } catch (error) {
              setRefused(toFailure(error).code === "wrong_credentials" ? { email: typed, password } : null);
              throw error;
            }
          }}
          others={
            <>
              {refused && <Button look="quiet" onClick={() => setStep({ at: "verify", ...refused, letter: null })}>{t("account.verify")}</Button>}
              <Button look="quiet" onClick={to("forgot")}>{t("account.forgot")}</Button>
              <Button look="quiet" onClick={to("signUp")}>{t("account.signUp")}</Button>
            </>
          }
        >
          {address}
          <Field label={t("account.password")} name="password" type="password" autoComplete="current-password" aria-describedby={step.done && told} maxLength={128} />
        </AccountForm>
      );
    case "signUp":
      return (
        <AccountForm
          key="signUp"
          title={t("account.signUp")}
          text={t("account.signUp.text")}
          focus={focus}
          send={t("account.signUp")}
          onSend={async ({ email: typed = "", password = "", name = "", invitation = "" }) => {
            await accounts.register({ email: typed, password, name, invitation });
            setStep({ at: "verify", email: typed, password, letter: "sent" });
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
          text={step.letter ? letter(step.letter === "sent" ? "letter" : "verify") : t("account.verify.text", { email: step.email })}
          textId={told}
          focus={focus}
          send={t("account.verify.send")}
          onSend={async ({ code: typed = "" }) => {
            await accounts.verify(step.email, typed);
            await enterBy("verify", step.email, step.password);
          }}
          onAgain={async () => {
            await accounts.verifyAgain(step.email);
            setStep((now) => (now === step ? { ...step, letter: step.letter ?? "asked" } : now));
          }}
          others={<Button look="quiet" onClick={to("signIn")}>{t("account.have")}</Button>}
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
          focus={focus}
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
          text={letter("reset")}
          textId={told}
          focus={focus}
          send={t("account.reset")}
          onSend={async ({ code: typed = "", password = "" }) => {
            await accounts.reset(step.email, typed, password);
            await enterBy("reset", step.email, password);
          }}
          onAgain={() => accounts.forgotten(step.email)}
          others={<Button look="quiet" onClick={to("signIn")}>{t("cancel")}</Button>}
        >
          <Whose email={step.email} />
          {code}
          {newPassword}
        </AccountForm>
      );
    case "proof":
      return (
        <AccountForm
          key={`proof ${step.challenge.session}`}
          title={t("account.proof")}
          text={t("account.proof.text")}
          textId={told}
          focus={focus}
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
