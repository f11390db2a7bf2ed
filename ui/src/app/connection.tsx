/** Says that the server is gone, calmly and only when it stays so; it is looked for again all the while. */
import { useEffect, useState } from "react";
import { useBridge } from "@/shared/bridge/context";
import { inWords } from "@/shared/format/sentence";
import { useWatch } from "@/shared/store/use-watch";
import { t } from "@/shared/text";
import { Button } from "@/shared/ui/button";
import { Icon } from "@/shared/ui/icon";

/** A reconnect within this time is nobody's business. */
const PATIENCE_MS = 1500;

export function ConnectionNote() {
  const { connection, server } = useBridge();
  const { phase, failure } = useWatch(connection);
  const [late, setLate] = useState(false);
  const away = phase === "waiting" || phase === "refused" || (phase === "connecting" && failure !== undefined);
  useEffect(() => {
    if (!away) return setLate(false);
    const timer = setTimeout(() => setLate(true), PATIENCE_MS);
    return () => clearTimeout(timer);
  }, [away]);
  if (!late) return null;
  return (
    <div className="connection" role="status" data-testid="offline">
      <Icon name="offline" size={18} />
      <span>{phase === "refused" && failure ? inWords(failure) : t("server.gone")}</span>
      <Button look="quiet" onClick={() => server.reconnect()}>
        {t("server.now")}
      </Button>
    </div>
  );
}
