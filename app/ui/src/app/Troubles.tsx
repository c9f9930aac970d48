import { useEffect } from "react";
import { useHeld } from "../hooks/bridge";
import { troubleText } from "../text";
import { useToast } from "../ui";

/** Shows trouble that belongs to no request, that of before it was there included. */
export function Troubles(): null {
  const { troubles } = useHeld();
  const toast = useToast();
  useEffect(() => troubles.showBy((trouble) => toast({ kind: "danger", text: troubleText(trouble.problem, trouble.refused) })), [troubles, toast]);
  return null;
}
