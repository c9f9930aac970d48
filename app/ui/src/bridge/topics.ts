import type { Request } from "./generated/Request";
import type { Topic } from "./generated/Topic";

/** What shows people by name, or whom one has blocked. The session view lists the blocked. */
const PEOPLE: ReadonlySet<Request["type"]> = new Set([
  "conversations",
  "conversation",
  "window",
  "members",
  "search",
  "known_users",
  "presence",
  "session",
]);

/** Whether the answer to a query may have changed with a topic. Requests that are no live query follow `all` alone. */
export function concerns(topic: Topic, request: Request): boolean {
  switch (topic.type) {
    case "all":
      return true;
    case "session":
      return request.type === "session";
    case "people":
      return PEOPLE.has(request.type);
    case "presence":
      return request.type === "presence";
    case "conversations":
      return (
        request.type === "conversations" ||
        request.type === "conversation" ||
        request.type === "known_users" ||
        request.type === "search"
      );
    case "conversation":
      if (request.type === "search") return request.conversation === undefined || request.conversation === topic.conversation;
      return (
        (request.type === "window" || request.type === "conversation" || request.type === "members") &&
        request.conversation === topic.conversation
      );
    case "draft":
      return request.type === "draft" && request.conversation === topic.conversation;
  }
}
