/** How loud the microphone is, drawn without drawing the component again. */
import { useEffect, useRef } from "react";
import type { Watch } from "@/shared/store/watch";

const BARS = 24;

export function Level({ level, label }: { level: Watch<number>; label: string }) {
  const root = useRef<HTMLDivElement>(null);
  useEffect(() => {
    const past: number[] = new Array(BARS).fill(0);
    let frame = 0;
    let last = 0;
    const step = (now: number) => {
      frame = requestAnimationFrame(step);
      if (now - last < 45) return;
      last = now;
      past.shift();
      past.push(level.get());
      const bars = root.current?.children ?? [];
      for (let i = 0; i < bars.length; i++) (bars[i] as HTMLElement).style.transform = `scaleY(${Math.max(0.08, past[i] ?? 0)})`;
    };
    frame = requestAnimationFrame(step);
    return () => cancelAnimationFrame(frame);
  }, [level]);
  return (
    <div className="level" ref={root} role="img" aria-label={label}>
      {Array.from({ length: BARS }, (_, i) => (
        <span key={i} />
      ))}
    </div>
  );
}
