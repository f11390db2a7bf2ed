/** A form that asks the server for something, says why when it refuses, and leaves what was typed. */
import { type FormEvent, type InputHTMLAttributes, type ReactNode, useId, useState } from "react";
import { toFailure } from "@/shared/failure";
import { inWords } from "@/shared/format/sentence";
import { Button } from "@/shared/ui/button";

interface Props {
  title?: string;
  text?: string;
  send: string;
  danger?: boolean;
  onSend: (fields: Record<string, string>) => Promise<void>;
  children: ReactNode;
  /** Other ways, below. */
  others?: ReactNode;
}

export function AccountForm({ title, text, send, danger = false, onSend, children, others }: Props) {
  const id = useId();
  const [busy, setBusy] = useState(false);
  const [trouble, setTrouble] = useState("");
  const submit = async (event: FormEvent<HTMLFormElement>) => {
    event.preventDefault();
    const fields = Object.fromEntries([...new FormData(event.currentTarget)].map(([name, value]) => [name, String(value)]));
    setBusy(true);
    setTrouble("");
    try {
      await onSend(fields);
    } catch (error) {
      setTrouble(inWords(toFailure(error)));
    } finally {
      setBusy(false);
    }
  };
  return (
    <form className="account-form" aria-labelledby={title ? id : undefined} onSubmit={(event) => void submit(event)}>
      {title && <h2 id={id}>{title}</h2>}
      {text && <p className="dim">{text}</p>}
      {children}
      {trouble && (
        <p className="account-trouble" role="alert">
          {trouble}
        </p>
      )}
      <div className="account-ways">
        <Button look={danger ? "danger" : "primary"} type="submit" disabled={busy}>
          {send}
        </Button>
        {others}
      </div>
    </form>
  );
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
