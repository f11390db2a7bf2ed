/**
 * A question that has to be answered before anything else; the platform's own dialog keeps the focus inside. What is
 * confirmed may take its time: the dialog goes when it is done, and says why when it cannot be.
 */
import { type FormEvent, type MouseEvent, type ReactNode, useEffect, useId, useRef, useState } from "react";
import { toFailure } from "@/shared/failure";
import { inWords } from "@/shared/format/sentence";
import { t } from "@/shared/text";
import { Button } from "./button";
import { useModal } from "./modal";

interface Props {
  title: string;
  children?: ReactNode;
  confirm: string;
  danger?: boolean;
  /** Whether all that is needed for it is there. */
  ready?: boolean;
  onConfirm: () => Promise<void>;
  onClose: () => void;
}

export function Dialog({ title, children, confirm, danger = false, ready = true, onConfirm, onClose }: Props) {
  const ref = useModal();
  const id = useId();
  /** Whether the pointer went down beside it. */
  const beside = useRef(false);
  const [busy, setBusy] = useState(false);
  const [trouble, setTrouble] = useState("");
  const submit = async (event: FormEvent) => {
    event.preventDefault();
    if (busy) return;
    setBusy(true);
    setTrouble("");
    try {
      await onConfirm();
      onClose();
    } catch (error) {
      setTrouble(inWords(toFailure(error)));
      setBusy(false);
    }
  };
  const down = (event: MouseEvent) => {
    beside.current = isBeside(event, ref.current);
  };
  // Whoever selects words and lets go beside it does not mean to leave.
  const click = (event: MouseEvent) => beside.current && isBeside(event, ref.current) && onClose();
  return (
    <dialog ref={ref} className="dialog" aria-labelledby={id} onClose={onClose} onPointerDown={down} onClick={click}>
      <form onSubmit={(event) => void submit(event)}>
        <h2 id={id}>{title}</h2>
        {children}
        {trouble && (
          <p className="dialog-trouble" role="alert">
            {trouble}
          </p>
        )}
        <div className="dialog-actions">
          <Button look="quiet" onClick={onClose}>
            {t("cancel")}
          </Button>
          {/* While it is busy it keeps the keyboard, which one that is disabled would lose. */}
          <Button look={danger ? "danger" : "primary"} type="submit" disabled={!ready} aria-disabled={busy}>
            {confirm}
          </Button>
        </div>
      </form>
    </dialog>
  );
}

/** Whether it is on what lies around the dialog, which belongs to it and is not its padding. */
function isBeside({ target, clientX, clientY }: MouseEvent, dialog: HTMLDialogElement | null): boolean {
  if (!dialog || target !== dialog) return false;
  const { left, right, top, bottom } = dialog.getBoundingClientRect();
  return clientX < left || clientX > right || clientY < top || clientY > bottom;
}

interface TextProps {
  title: string;
  label: string;
  value: string;
  /** The most characters it may have. */
  most?: number;
  confirm: string;
  onConfirm: (text: string) => Promise<void>;
  onClose: () => void;
}

/** Asks for one line of text. */
export function AskText({ title, label, value, most = 200, confirm, onConfirm, onClose }: TextProps) {
  const input = useRef<HTMLInputElement>(null);
  const id = useId();
  useEffect(() => input.current?.select(), []);
  const accept = async () => {
    const text = input.current?.value.trim() ?? "";
    if (text) await onConfirm(text);
  };
  return (
    <Dialog title={title} confirm={confirm} onConfirm={accept} onClose={onClose}>
      <label className="field" htmlFor={id}>
        <span>{label}</span>
        <input id={id} ref={input} required defaultValue={value} maxLength={most} autoComplete="off" />
      </label>
    </Dialog>
  );
}
