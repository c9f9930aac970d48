import { useEffect } from "react";
import { useHeld } from "../hooks/bridge";
import { problemText } from "../text";
import { useToast } from "../ui";

/** Shows trouble that belongs to no request, that of before it was there included. */
export function Troubles(): null {
  const { troubles } = useHeld();
  const toast = useToast();
  useEffect(() => troubles.showBy((problem) => toast({ kind: "danger", text: problemText(problem) })), [troubles, toast]);
  return null;
}
