/** What stands in the way of being heard or of hearing, and the way out of it. */
import type { Failure } from "@/shared/failure";
import { t } from "@/shared/text";
import { Button, IconButton } from "@/shared/ui/button";
import { Calm } from "@/shared/ui/calm";
import { trouble } from "@/shared/ui/trouble";

export function Notice({ failure, onDismiss, onRetry }: { failure: Failure; onDismiss: () => void; onRetry: () => void }) {
  const { title, text, microphone, calm } = trouble(failure);
  return (
    <div className="ask-notice" data-testid="notice">
      <Calm
        small
        urgent
        icon={microphone || calm ? "mic" : "warning"}
        title={title}
        action={<IconButton icon="close" size={18} label={t("dismiss")} onClick={onDismiss} />}
      >
        {text && <p>{text}</p>}
        {microphone && <Button onClick={onRetry}>{t("retry")}</Button>}
      </Calm>
    </div>
  );
}
