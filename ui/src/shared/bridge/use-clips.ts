/** Single clips of lectures for as long as a screen is open, heard where answers are. */
import { useEffect, useState } from "react";
import { Clips } from "@/shared/audio/clips";
import { preferences } from "@/shared/preferences";
import { useBridge } from "./context";

export function useClips(): Clips {
  const { devices, lectures } = useBridge();
  const [clips] = useState(
    () =>
      new Clips(
        () => {
          const element = new Audio();
          devices.route(element);
          return element;
        },
        (lecture) => lectures.audio(lecture),
        () => preferences.get().playbackRate,
      ),
  );
  useEffect(() => () => clips.stop(), [clips]);
  return clips;
}
