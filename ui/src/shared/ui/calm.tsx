/** A state in which something is missing or wrong: what it is, what to do, and one button at most. */
import type { ReactNode } from "react";
import { Icon, type IconName } from "./icon";

interface Props {
  icon: IconName;
  title: string;
  children?: ReactNode;
  action?: ReactNode;
  /** A line within other things rather than a place of its own. */
  small?: boolean;
  /** Read out at once; for what went wrong just now. */
  urgent?: boolean;
}

export function Calm({ icon, title, children, action, small = false, urgent = false }: Props) {
  return (
    <div className={small ? "calm calm-small" : "calm"} role={urgent ? "alert" : undefined}>
      <span className="calm-icon">
        <Icon name={icon} size={small ? 20 : 28} />
      </span>
      <div className="calm-words">
        <p className="calm-title">{title}</p>
        {children && <div className="calm-text">{children}</div>}
      </div>
      {action && <div className="calm-action">{action}</div>}
    </div>
  );
}
