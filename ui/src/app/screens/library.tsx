/** The library with what is on its way to it. */
import { Library } from "@/features/library/library";
import { Welcome } from "@/features/library/welcome";
import { UploadList } from "@/features/uploads/uploads";
import { useBridge } from "@/shared/bridge/context";
import { useLoaded, useWatch } from "@/shared/store/use-watch";

export function LibraryScreen({ onAdd }: { onAdd: () => void }) {
  const { kind, server, lectures, connection } = useBridge();
  const address = useWatch(server.address);
  const { phase } = useWatch(connection);
  const { list } = useWatch(lectures.state);
  const { value } = useLoaded(`discovery:${phase}`, () => server.discovery());
  const sample = value?.sample ?? null;
  const lecture = list?.find(({ lectureId }) => lectureId === sample?.lectureId);
  const places = [...new Set(value?.engines.flatMap(({ sendsTo }) => (sendsTo ? [sendsTo] : [])))];
  const local = (kind === "desktop" && address === "") || /^https?:\/\/(127\.|localhost[:/]|\[::1\])/.test(`${address}/`);
  return (
    <Library onAdd={onAdd} welcome={<Welcome sample={sample} lecture={lecture} places={places} local={local} />}>
      <UploadList />
    </Library>
  );
}
