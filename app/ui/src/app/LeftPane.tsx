import { useEffect, useRef, type ReactElement } from "react";
import type { ConversationId } from "../bridge/generated/ConversationId";
import type { SessionView } from "../bridge/generated/SessionView";
import { ConversationList } from "../features/list";
import { SearchPane } from "../features/search";
import { keysOf } from "../hooks/keys";
import { useNativeApp } from "../hooks/native";
import { testIds } from "../testids";
import { text } from "../text";
import { Hidden, Icon, IconButton, MenuButton } from "../ui";
import type { DialogName } from "./Dialogs";
import { switcherKeys } from "./useKeys";
import styles from "./Shell.module.css";

interface LeftPaneProps {
  session: SessionView;
  current: ConversationId | null;
  /** What is searched for, if something is. */
  searching: string | null;
  visible: boolean;
  onSearching: (query: string) => void;
  onCloseSearch: () => void;
  onOpenSearch: () => void;
  onOpen: (conversation: ConversationId, seq?: number) => void;
  onDialog: (name: DialogName) => void;
  onSettings: () => void;
}

/** Coming back to the list, the focus returns to the conversation that one came from. */
function useReturnedFocus(visible: boolean, current: ConversationId | null): React.RefObject<HTMLDivElement | null> {
  const pane = useRef<HTMLDivElement>(null);
  const last = useRef<ConversationId | null>(null);
  const was = useRef(visible);
  useEffect(() => {
    if (visible && !was.current && last.current !== null) {
      pane.current?.querySelector<HTMLElement>(`a[data-id="${last.current}"]`)?.focus({ preventScroll: true });
    }
    was.current = visible;
    if (current !== null) last.current = current;
  }, [visible, current]);
  return pane;
}

/** The conversations, or a search in their place. */
export function LeftPane(props: LeftPaneProps): ReactElement {
  const { session, current, searching, visible, onOpen, onDialog } = props;
  const pane = useReturnedFocus(visible, current);
  const native = useNativeApp();
  return (
    <div ref={pane} className={styles.leftBody}>
      {searching !== null && (
        <SearchPane
          query={searching}
          onQuery={props.onSearching}
          onOpen={onOpen}
          onClose={props.onCloseSearch}
        />
      )}
      {/* The list stays mounted beneath a search, so that it keeps its place. */}
      <div className={styles.listPane} hidden={searching !== null}>
        <div className={styles.listBar}>
          <Hidden>
            <h1>{text.list.title}</h1>
          </Hidden>
          <MenuButton
            icon="menu"
            label={text.shell.menu}
            testId={testIds.menuButton}
            items={[
              { label: text.shell.newConversation, icon: "compose", onSelect: () => onDialog("new_conversation") },
              { label: text.shell.newGroup, icon: "users", testId: testIds.menuNewGroup, onSelect: () => onDialog("new_group") },
              { label: text.shell.settings, icon: "settings", testId: testIds.menuSettings, onSelect: props.onSettings, ...(native === null ? {} : { keys: keysOf(",") }) },
              ...(native === null
                ? []
                : [{ label: text.accounts.rail.add, icon: "userPlus" as const, keys: keysOf("N", true), testId: testIds.railAdd, onSelect: () => native.addAccount() }]),
            ]}
          />
          <button type="button" className={styles.searchButton} onClick={props.onOpenSearch} data-testid={testIds.searchButton}>
            <Icon name="search" size={18} />
            <span>{text.shell.search}</span>
            <kbd aria-hidden="true">{switcherKeys()}</kbd>
          </button>
          <IconButton icon="compose" label={text.shell.newConversation} onClick={() => onDialog("new_conversation")} data-testid={testIds.newButton} />
        </div>
        <ConversationList me={session.user?.id ?? null} selected={current} onOpen={onOpen} onNew={() => onDialog("new_conversation")} />
      </div>
    </div>
  );
}
