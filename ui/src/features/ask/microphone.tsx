/** What stands in the way of being heard, and the way out of it. */
import { type Failure, code } from "@/shared/failure";
import { type Key, t } from "@/shared/text";
import { Button, IconButton } from "@/shared/ui/button";
import { Calm } from "@/shared/ui/calm";

const KNOWN: Record<string, [title: Key, text: Key]> = {
  [code.noMicrophone]: ["mic.none.title", "mic.none.text"],
  [code.refusedMicrophone]: ["mic.refused.title", "mic.refused.text"],
  [code.unplugged]: ["mic.unplugged.title", "mic.unplugged.text"],
  [code.insecure]: ["mic.insecure.title", "mic.insecure.text"],
};

export function Microphone({ failure, onDismiss, onRetry }: { failure: Failure; onDismiss: () => void; onRetry: () => void }) {
  const known = KNOWN[failure.code];
  return (
    <div className="ask-notice" data-testid="notice">
      <Calm
        small
        urgent
        icon={known ? "mic" : "warning"}
        title={known ? t(known[0]) : failure.message}
        action={
          <>
            {known && <Button onClick={onRetry}>{t("retry")}</Button>}
            <IconButton icon="close" size={18} label={t("dismiss")} onClick={onDismiss} />
          </>
        }
      >
        {known && t(known[1])}
      </Calm>
    </div>
  );
}
