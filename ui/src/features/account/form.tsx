/** A form that asks the server for something, says why when it refuses, and leaves what was typed. */
import { type FormEvent, type InputHTMLAttributes, type ReactNode, useEffect, useId, useRef, useState } from "react";
import { t } from "@/shared/text";
import { Button } from "@/shared/ui/button";
import { announce } from "@/shared/ui/live";
import { useAttempt } from "./attempt";

interface Props {
  title: string;
  text?: string | undefined;
  /** The name of the text, for a field that is described by it. */
  textId?: string;
  send: string;
  /** Whether it takes the keyboard, because what had it is gone. */
  focus?: boolean;
  /** Why what led here failed. */
  why?: string | undefined;
  onSend: (fields: Record<string, string>) => Promise<void>;
  /** Sends another letter. */
  onAgain?: () => Promise<void>;
  children: ReactNode;
  /** Other ways, below. */
  others?: ReactNode;
}

export function AccountForm({ title, text, textId, send, focus = false, why, onSend, onAgain, children, others }: Props) {
  const id = useId();
  const form = useRef<HTMLFormElement>(null);
  const [sent, setSent] = useState(false);
  const { busy, trouble, attempt } = useAttempt(why);
  useEffect(() => {
    if (!focus) return;
    const fields = [...(form.current?.querySelectorAll<HTMLInputElement>("input:not([hidden])") ?? [])];
    (fields.find(({ value }) => !value) ?? fields[0])?.focus();
  }, [focus]);
  const submit = (event: FormEvent<HTMLFormElement>) => {
    event.preventDefault();
    const fields = Object.fromEntries([...new FormData(event.currentTarget)].map(([name, value]) => [name, String(value)]));
    setSent(false);
    void attempt(() => onSend(fields));
  };
  const again = async () => {
    setSent(false);
    await onAgain?.();
    setSent(true);
    announce(t("account.again.done"));
  };
  return (
    <form ref={form} className="account-form" aria-labelledby={id} aria-busy={busy} onSubmit={submit}>
      <h2 id={id}>{title}</h2>
      {text && <p id={textId} className="dim">{text}</p>}
      {children}
      {sent && <p>{t("account.again.done")}</p>}
      <Trouble text={trouble} />
      <div className="account-ways">
        {/* One that is disabled would lose the keyboard. */}
        <Button look="primary" type="submit" aria-disabled={busy}>
          {send}
        </Button>
        {onAgain && (
          <Button look="quiet" aria-disabled={busy} onClick={() => void attempt(again)}>
            {t("account.again")}
          </Button>
        )}
        {others}
      </div>
    </form>
  );
}

/** Why something was refused. */
export function Trouble({ text }: { text: string }) {
  return text ? (
    <p className="account-trouble" role="alert">
      {text}
    </p>
  ) : null;
}

export function Field({ label, hint, ...rest }: { label: string; hint?: string } & InputHTMLAttributes<HTMLInputElement>) {
  const id = useId();
  return (
    <label className="field" htmlFor={id}>
      <span>{label}</span>
      <input id={id} required aria-describedby={hint ? `${id}-hint` : undefined} {...rest} />
      {hint && (
        <span id={`${id}-hint`} className="dim">
          {hint}
        </span>
      )}
    </label>
  );
}

/** Tells a keeper of passwords whose the password beside it is. */
export function Whose({ email }: { email: string }) {
  return <input type="email" autoComplete="username" value={email} readOnly hidden />;
}
