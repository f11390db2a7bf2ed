/** The frame around every screen: the name and the ways between the screens. */
import type { ReactNode } from "react";
import { type Key, t } from "@/shared/text";
import { Icon, type IconName, grown } from "@/shared/ui/icon";
import type { Route } from "./route";

const WAYS: { screen: Route["screen"]; icon: IconName; label: Key; href: string }[] = [
  { screen: "library", icon: "library", label: "library.title", href: "#/" },
  { screen: "conversations", icon: "chat", label: "talks.title", href: "#/conversations" },
  { screen: "packs", icon: "cards", label: "packs.title", href: "#/packs" },
  { screen: "settings", icon: "settings", label: "settings.title", href: "#/settings" },
];

export function Frame({ screen, news, children }: { screen: Route["screen"]; news: ReactNode; children: ReactNode }) {
  return (
    <div className={`frame frame-${screen}`}>
      <a className="skip-link" href="#main" onClick={(event) => (event.preventDefault(), document.getElementById("main")?.focus())}>
        {t("frame.skip")}
      </a>
      <header className="topbar">
        <a className="brand" href="#/" aria-label={t("frame.home")}>
          <svg style={grown(28)} viewBox="0 0 512 512" aria-hidden="true">
            <rect x="16" y="16" width="480" height="480" rx="112" className="brand-ground" />
            <g fill="none" strokeWidth="34" strokeLinecap="round" className="brand-bars">
              <path d="M120 220v72M188 160v192M256 112v288M324 188v136" />
            </g>
            <circle cx="392" cy="256" r="28" className="brand-dot" />
          </svg>
          <span>SynapScribe</span>
        </a>
        {news}
        <nav aria-label={t("frame.ways")}>
          {WAYS.map((way) => (
            <a key={way.screen} href={way.href} className="way-to" aria-current={screen === way.screen ? "page" : undefined}>
              <Icon name={way.icon} size={19} />
              <span>{t(way.label)}</span>
            </a>
          ))}
        </nav>
      </header>
      {children}
    </div>
  );
}
