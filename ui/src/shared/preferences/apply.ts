/** Shows the chosen theme and text size on the document. */
import { preferences } from ".";

export function applyPreferences(): void {
  const show = () => {
    const { theme, textSize } = preferences.get();
    const root = document.documentElement;
    root.dataset["theme"] = theme;
    root.style.setProperty("--text-scale", String(textSize));
  };
  show();
  preferences.subscribe(show);
}
