/** Stands over whatever is shown when the server ended the sign-in: the screen stays as it is until somebody signs in again. */
import { useRef, useState } from "react";
import { useBridge } from "@/shared/bridge/context";
import { useWatch } from "@/shared/store/use-watch";
import { t } from "@/shared/text";
import { Button } from "@/shared/ui/button";
import { useModal } from "@/shared/ui/modal";
import { Together, useAttempt } from "./attempt";
import { Entering } from "./entering";
import { Trouble } from "./form";
import "./account.css";

export function Ended() {
  const standing = useWatch(useBridge().accounts.standing);
  return standing.state === "ended" ? <Asking email={standing.account.email} /> : null;
}

function Asking({ email }: { email: string }) {
  const ref = useModal();
  /** What has the keyboard, or had it when the browser closed the question. */
  const typing = useRef<HTMLElement>(null);
  // An answer that signs somebody in must not come to who went on as a guest.
  const together = useState(false);
  const stay = () => {
    // It would go to the first field, as if nothing had been typed.
    const before = typing.current;
    ref.current?.showModal();
    before?.focus();
  };
  return (
    // Nothing can be asked in nobody's name, so it cannot be put aside without a choice. A browser closes it all the same where Escape is
    // pressed twice.
    <dialog
      ref={ref}
      className="dialog"
      aria-labelledby="account-ended"
      data-testid="ended"
      onCancel={(event) => event.preventDefault()}
      onFocus={({ target }) => (typing.current = target)}
      onClose={stay}
    >
      <h2 id="account-ended">{t("account.ended")}</h2>
      <p>{t("account.ended.text")}</p>
      <Together value={together}>
        <Entering email={email} />
        <AsGuest />
      </Together>
    </dialog>
  );
}

function AsGuest() {
  const { accounts } = useBridge();
  const { busy, trouble, attempt } = useAttempt();
  return (
    <>
      <Trouble text={trouble} />
      <Button look="quiet" aria-disabled={busy} onClick={() => void attempt(() => accounts.signOut(false))}>
        {t("account.ended.guest")}
      </Button>
    </>
  );
}
