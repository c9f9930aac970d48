import type { SessionView } from "../bridge/generated/SessionView";
import { useQuery } from "./useQuery";

const request = { type: "session" } as const;

/** Who one is and how one is connected; `undefined` until it is known. */
export function useSession(): SessionView | undefined {
  return useQuery(request).data;
}
