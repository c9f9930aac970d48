import { useState, type ReactElement } from "react";
import type { ConversationId } from "../bridge/generated/ConversationId";
import { DeviceSettings } from "../features/accounts";
import { ConversationScreen } from "../features/conversation";
import { Details } from "../features/group";
import { DeviceNotices } from "../features/notify";
import { Settings } from "../features/profile";
import { useNativeApp } from "../hooks/native";
import { text } from "../text";
import { Empty } from "../ui";
import { go, goBack, type Route } from "./route";
import { switcherKeys } from "./useKeys";
import styles from "./Shell.module.css";

interface MainPaneProps {
  route: Route;
  narrow: boolean;
  onOpen: (conversation: ConversationId) => void;
  onAdd: () => void;
  onNotify: () => void;
}

const back = () => goBack({ page: "list" });

/** The conversation with its details, the settings, or a word about what to do. */
export function MainPane({ route, narrow, onOpen, onAdd, onNotify }: MainPaneProps): ReactElement {
  // The conversation that is being searched; opening another one ends it.
  const [searched, setSearched] = useState<ConversationId | null>(null);
  const native = useNativeApp() !== null;
  if (route.page === "settings") {
    return (
      <main className={styles.main}>
        <Settings narrow={narrow} {...(native ? { device: <DeviceSettings /> } : { notices: <DeviceNotices /> })} onBack={back} />
      </main>
    );
  }
  if (route.page !== "conversation") {
    return (
      <main className={styles.main}>
        <div className={styles.nothing}>
          <Empty icon="send" title={text.shell.choose}>
            {text.shell.chooseText(switcherKeys())}
          </Empty>
        </div>
      </main>
    );
  }
  const { conversation, details } = route;
  const closeDetails = () => goBack({ page: "conversation", conversation, details: false });
  const toggleDetails = () => {
    if (details) closeDetails();
    else go({ page: "conversation", conversation, details: true });
  };
  const searchBeside = () => {
    setSearched(conversation);
    if (narrow) closeDetails();
  };
  return (
    <>
      {/* The screen brings its own landmark. */}
      <div className={styles.main} hidden={narrow && details}>
        <ConversationScreen
          key={conversation}
          conversation={conversation}
          seq={route.seq}
          narrow={narrow}
          onBack={back}
          onDetails={toggleDetails}
          onNotify={onNotify}
          searching={searched === conversation}
          onSearching={(on) => setSearched(on ? conversation : null)}
          onOpen={onOpen}
        />
      </div>
      {details && (
        <div className={styles.right}>
          <Details key={conversation} conversation={conversation} alone={narrow} onClose={closeDetails} onAdd={onAdd} onNotify={onNotify} onSearch={searchBeside} onOpen={onOpen} />
        </div>
      )}
    </>
  );
}
