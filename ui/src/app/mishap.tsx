/** Catches what no screen expected, so that nobody is left with an empty page. */
import { Component, type ReactNode } from "react";
import { t } from "@/shared/text";
import { Button } from "@/shared/ui/button";
import { Calm } from "@/shared/ui/calm";

export class Mishap extends Component<{ children: ReactNode }, { message: string | null }> {
  override state = { message: null };

  static getDerivedStateFromError(error: unknown) {
    return { message: error instanceof Error ? error.message : String(error) };
  }

  override render() {
    const { message } = this.state;
    if (message === null) return this.props.children;
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
}
