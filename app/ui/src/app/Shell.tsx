import type { ReactElement } from "react";
import { ConversationScreen } from "../features/conversation";
import { useQuery } from "../hooks/useQuery";
import { go, goBack, useRoute } from "./route";

/** The panes. */
export function Shell(): ReactElement | null {
  const route = useRoute();
  const list = useQuery({ type: "conversations", hidden: false });
  if (route.page === "conversation") {
    return (
      <ConversationScreen
        key={route.conversation}
        conversation={route.conversation}
        seq={route.seq}
        onBack={() => goBack({ page: "list" })}
        onDetails={() => go({ page: "conversation", conversation: route.conversation, details: true })}
        onSearch={() => go({ page: "search" })}
        onOpen={(conversation) => go({ page: "conversation", conversation, details: false })}
      />
    );
  }
  return (
    <ul>
      {list.data?.rows.map((row) => (
        <li key={row.id}>
          <a href={`#/c/${row.id}`}>{row.title}</a>
        </li>
      ))}
    </ul>
  );
}
