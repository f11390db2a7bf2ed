/** Stands over whatever is shown when the server ended the sign-in: the screen stays as it is until somebody signs in again. */
import { useBridge } from "@/shared/bridge/context";
import { useWatch } from "@/shared/store/use-watch";
import { t } from "@/shared/text";
import { Button } from "@/shared/ui/button";
import { useModal } from "@/shared/ui/modal";
import { Entering } from "./entering";
import "./account.css";

export function Ended() {
  const standing = useWatch(useBridge().accounts.standing);
  return standing.state === "ended" ? <Asking email={standing.account.email} /> : null;
}

function Asking({ email }: { email: string }) {
  const { accounts } = useBridge();
  const ref = useModal();
  return (
    // Nothing can be asked in nobody's name, so it cannot be put aside without a choice.
    <dialog ref={ref} className="dialog" aria-labelledby="account-ended" data-testid="ended" onCancel={(event) => event.preventDefault()}>
      <h2 id="account-ended">{t("account.ended")}</h2>
      <p>{t("account.ended.text")}</p>
      <Entering email={email} />
      <Button look="quiet" onClick={() => void accounts.signOut(false)}>
        {t("account.ended.guest")}
      </Button>
    </dialog>
  );
}
