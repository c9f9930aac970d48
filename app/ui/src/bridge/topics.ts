import type { Request } from "./generated/Request";
import type { Topic } from "./generated/Topic";

/** Whether the answer to a query may have changed with a topic. Requests that are no live query follow `all` alone. */
export function concerns(topic: Topic, request: Request): boolean {
  switch (topic.type) {
    case "all":
      return true;
    case "session":
      return request.type === "session";
    case "presence":
      return request.type === "presence";
    case "conversations":
      return request.type === "conversations" || request.type === "conversation" || request.type === "known_users";
    case "conversation":
      return (
        (request.type === "window" || request.type === "conversation" || request.type === "members") &&
        request.conversation === topic.conversation
      );
    case "draft":
      return request.type === "draft" && request.conversation === topic.conversation;
  }
}
