/** The settings, as a screen. */
import { Settings } from "@/features/settings/settings";

export function SettingsScreen() {
  return <Settings />;
}
