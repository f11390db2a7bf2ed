/** A question that has to be answered before anything else; the platform's own dialog keeps the focus inside. */
import { type FormEvent, type ReactNode, useEffect, useId, useRef } from "react";
import { t } from "@/shared/text";
import { Button } from "./button";

interface Props {
  title: string;
  children?: ReactNode;
  confirm: string;
  danger?: boolean;
  onConfirm: () => void;
  onClose: () => void;
}

export function Dialog({ title, children, confirm, danger = false, onConfirm, onClose }: Props) {
  const ref = useRef<HTMLDialogElement>(null);
  const id = useId();
  useEffect(() => {
    const dialog = ref.current;
    if (dialog && !dialog.open) dialog.showModal();
  }, []);
  const submit = (event: FormEvent) => {
    event.preventDefault();
    onConfirm();
  };
  return (
    <dialog ref={ref} className="dialog" aria-labelledby={id} onClose={onClose} onClick={(event) => event.target === ref.current && onClose()}>
      <form onSubmit={submit}>
        <h2 id={id}>{title}</h2>
        {children}
        <div className="dialog-actions">
          <Button look="quiet" onClick={onClose}>
            {t("cancel")}
          </Button>
          <Button look={danger ? "danger" : "primary"} type="submit">
            {confirm}
          </Button>
        </div>
      </form>
    </dialog>
  );
}

/** Asks for one line of text. */
export function AskText({ title, label, value, confirm, onConfirm, onClose }: { title: string; label: string; value: string; confirm: string; onConfirm: (text: string) => void; onClose: () => void }) {
  const input = useRef<HTMLInputElement>(null);
  const id = useId();
  useEffect(() => input.current?.select(), []);
  const accept = () => {
    const text = input.current?.value.trim() ?? "";
    if (text) onConfirm(text);
  };
  return (
    <Dialog title={title} confirm={confirm} onConfirm={accept} onClose={onClose}>
      <label className="field" htmlFor={id}>
        <span>{label}</span>
        <input id={id} ref={input} defaultValue={value} maxLength={200} autoComplete="off" />
      </label>
    </Dialog>
  );
}
