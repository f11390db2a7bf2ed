/** Catches what no screen expected, so that nobody is left with an empty page. */
import { Component, type ReactNode } from "react";
import type { Connection } from "@/shared/bridge/bridge";
import type { Watch } from "@/shared/store/watch";
import { t } from "@/shared/text";
import { Button } from "@/shared/ui/button";
import { Calm } from "@/shared/ui/calm";

interface Props {
  connection: Watch<Connection>;
  children: ReactNode;
}

export class Mishap extends Component<Props, { message: string | null }> {
  override state = { message: null };
  #stop = () => undefined as void;

  static getDerivedStateFromError(error: unknown) {
    return { message: said(error) };
  }

  override componentDidCatch() {
    const { connection } = this.props;
    if (connection.get().phase === "open") return;
    // A screen that could not be fetched while the server was away is fetched when it is back.
    this.#stop();
    this.#stop = connection.subscribe(() => connection.get().phase === "open" && location.reload());
  }

  override componentWillUnmount() {
    this.#stop();
  }

  override render() {
    const { message } = this.state;
    return message === null ? this.props.children : <Broken message={message} />;
  }
}

/** What is seen instead of a page that could not even begin. */
export function Unbegun({ error }: { error: unknown }) {
  return (
    <div className="frame">
      <main className="screen">
        <Broken message={said(error)} />
      </main>
    </div>
  );
}

function Broken({ message }: { message: string }) {
  return (
    <Calm
      icon="warning"
      urgent
      title={t("mishap.title")}
      action={
        <Button look="primary" onClick={() => location.reload()}>
          {t("mishap.again")}
        </Button>
      }
    >
      {t("mishap.text")} {message}
    </Calm>
  );
}

function said(error: unknown): string {
  return error instanceof Error ? error.message : String(error);
}
