/** Starts the page. */
import { createRoot } from "react-dom/client";
import { App } from "@/app/app";
import { Unbegun } from "@/app/mishap";
import { chooseBridge } from "@/shared/bridge/choose";
import { BridgeProvider } from "@/shared/bridge/context";
import { applyPreferences } from "@/shared/preferences/apply";
import "./styles/tokens.css";
import "./styles/base.css";
import "./styles/parts.css";
import "./styles/forced.css";

applyPreferences();
const root = createRoot(document.getElementById("root") as HTMLElement);
void chooseBridge().then(
  (bridge) =>
    root.render(
      <BridgeProvider bridge={bridge}>
        <App />
      </BridgeProvider>,
    ),
  // Its code may not have come.
  (error: unknown) => root.render(<Unbegun error={error} />),
);
