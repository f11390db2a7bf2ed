/** The library with what is on its way to it. */
import { Library } from "@/features/library/library";
import { Welcome } from "@/features/library/welcome";
import { UploadList } from "@/features/uploads/uploads";
import { useBridge } from "@/shared/bridge/context";
import { useLocal } from "@/shared/bridge/use-local";
import { useLoaded, useWatch } from "@/shared/store/use-watch";

export function LibraryScreen({ onAdd }: { onAdd: () => void }) {
  const { server, lectures, connection } = useBridge();
  const { phase } = useWatch(connection);
  const { list } = useWatch(lectures.state);
  const { value } = useLoaded(`discovery:${phase}`, () => server.discovery());
  const sample = value?.sample ?? null;
  const lecture = list?.find(({ lectureId }) => lectureId === sample?.lectureId);
  const places = [...new Set(value?.engines.flatMap(({ sendsTo }) => (sendsTo ? [sendsTo] : [])))];
  const local = useLocal();
  return (
    <Library onAdd={onAdd} welcome={<Welcome sample={sample} lecture={lecture} places={places} local={local} />} classes={value?.features.includes("classes") === true} covers={value?.features.includes("covers") === true}>
      <UploadList />
    </Library>
  );
}
