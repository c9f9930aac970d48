import { type ReactElement, useCallback, useEffect, useMemo, useRef, useState } from "react";
import type { ConversationId } from "../../bridge/generated/ConversationId";
import type { ConversationView } from "../../bridge/generated/ConversationView";
import type { May } from "../../bridge/generated/May";
import type { MemberRow } from "../../bridge/generated/MemberRow";
import type { MessageRow } from "../../bridge/generated/MessageRow";
import { useQuery } from "../../hooks/useQuery";
import { titleOf } from "../../text";
import { testIds } from "../../testids";
import { Composer, type ComposerHandle } from "./composer/Composer";
import { Disabled } from "./composer/Disabled";
import styles from "./ConversationScreen.module.css";
import { DeleteDialog } from "./dialogs/DeleteDialog";
import { InfoDialog } from "./dialogs/InfoDialog";
import { Header } from "./header/Header";
import { type ListHandle, MessageList } from "./timeline/MessageList";
import type { Goal } from "./timeline/scrollKeeper";
import { useWindow } from "./timeline/useWindow";
import { MessageMenu } from "./message/MessageMenu";
import { placeIn } from "./model/place";
import { opening } from "./model/windowModel";
import { Announcer } from "./parts/Announcer";
import { SharedContext, type Shared } from "./parts/context";
import { EmojiPicker } from "./parts/EmojiPicker";
import { Empty, NotHere } from "./parts/Empty";
import { TypingLine } from "./parts/TypingLine";
import { useMentionables } from "./parts/useMentionables";
import { useActions } from "./parts/useActions";
import { InSearch } from "./find/InSearch";
import { useFindKey } from "./find/useFindKey";

/** What the shell tells a conversation's screen, and where it may lead. */
export interface ConversationScreenProps {
  conversation: ConversationId;
  /** A message to show and point out (a search hit); it may change while the screen stays. */
  seq?: number | undefined;
  /** Only one pane fits: the header has a way back. */
  narrow?: boolean;
  onBack: () => void;
  /** Opens or closes the details pane. */
  onDetails: () => void;
  /** Opens the dialog about its notifications. */
  onNotify: () => void;
  /** A search within the conversation is open. */
  searching: boolean;
  onSearching: (on: boolean) => void;
  /** Opens another conversation. */
  onOpen?: (conversation: ConversationId) => void;
}

/** One conversation. The shell sends `watch` for it (its members' presence, its typing); the screen only asks. */
export function ConversationScreen(props: ConversationScreenProps): ReactElement {
  const { data, problem } = useQuery({ type: "conversation", conversation: props.conversation });
  if (data) return <Open {...props} view={data} key={props.conversation} />;
  return (
    <main className={styles.screen} data-testid={testIds.conversation} aria-busy={!problem}>
      {problem && <NotHere problem={problem} narrow={props.narrow === true} onBack={props.onBack} />}
    </main>
  );
}

const nobody: readonly MemberRow[] = [];

function Open({
  conversation,
  seq,
  narrow,
  searching,
  onBack,
  onDetails,
  onNotify,
  onSearching,
  view,
}: ConversationScreenProps & { view: ConversationView }): ReactElement {
  const session = useQuery({ type: "session" }).data;
  const presence = useQuery({ type: "presence" }).data;
  const members = useQuery({ type: "members", conversation }).data?.members ?? nobody;
  const me = session?.user?.id ?? null;
  const { row } = view;
  // The same rights in a new object are no change: it would draw every message again.
  const rights = JSON.stringify(view.may);
  const may = useMemo(() => JSON.parse(rights) as May, [rights]);
  const title = titleOf(row);

  const list = useRef<ListHandle>(null);
  const composer = useRef<ComposerHandle>(null);
  const [start] = useState(() => {
    const place = placeIn(conversation);
    const goal: Goal =
      seq !== undefined
        ? { type: "seq", seq, flash: true, focus: true }
        : place?.type === "message"
          ? { type: "seq", seq: place.seq, offset: place.offset }
          : { type: "unread" };
    return { shown: opening(place, seq), goal };
  });
  const window = useWindow(conversation, start.shown);
  useFindKey(searching, onSearching);

  // The shell may point at another message while the screen stays.
  const pointed = useRef(seq);
  useEffect(() => {
    if (pointed.current === seq) return;
    pointed.current = seq;
    if (seq !== undefined) list.current?.jump(seq, true);
  }, [seq]);

  const people = useMentionables(members, window.view);
  const { actions, overlay, close } = useActions(conversation, list, composer);
  const shared: Shared = useMemo(
    () => ({ conversation, kind: row.kind, me, may, writable: may.send, people, actions }),
    [conversation, row.kind, me, may, people, actions],
  );

  const items = window.view?.items;
  const find = useCallback(
    (id: string): MessageRow | undefined => {
      for (const item of items ?? []) if (item.type === "message" && item.message.id === id) return item.message;
      return undefined;
    },
    [items],
  );
  const lastOwn = useCallback((): MessageRow | undefined => {
    for (const item of [...(items ?? [])].reverse()) {
      if (item.type !== "message" || !item.message.own) continue;
      if (item.message.content?.type === "text" && item.message.state.type !== "failed") return item.message;
    }
    return undefined;
  }, [items]);

  const typing = presence?.typing.filter((one) => one.conversation === conversation && one.user !== me) ?? [];
  return (
    <SharedContext value={shared}>
      <main
        className={styles.screen}
        data-testid={testIds.conversation}
        data-id={conversation}
        onKeyDown={(event) => {
          if (event.key !== "Escape" || event.defaultPrevented) return;
          // From a message back to where one writes.
          if ((event.target as HTMLElement).dataset["message"] === undefined) return;
          event.preventDefault();
          event.stopPropagation();
          composer.current?.focus();
        }}
      >
        <Header
          view={view}
          title={title}
          presence={presence}
          members={members}
          me={me}
          narrow={narrow === true}
          onBack={onBack}
          onDetails={onDetails}
          onSearch={() => onSearching(!searching)}
          onNotify={onNotify}
        />
        {searching && (
          <InSearch
            conversation={conversation}
            onJump={(to) => list.current?.jump(to)}
            onClose={() => {
              onSearching(false);
              composer.current?.focus();
            }}
          />
        )}
        {window.view === undefined && window.problem !== undefined ? (
          <NotHere problem={window.problem} narrow={false} onBack={onBack} onRetry={window.retry} />
        ) : (
          <MessageList
            ref={list}
            conversation={conversation}
            title={title}
            window={window}
            first={start.goal}
            unread={row.unread}
            unreadMore={row.unread_more}
            empty={
              <Empty row={row} me={me} onHello={may.send ? (words) => composer.current?.insert(words) : null} />
            }
          />
        )}
        <TypingLine names={typing.map((one) => one.name)} />
        {may.send ? (
          <Composer
            ref={composer}
            conversation={conversation}
            title={title}
            members={members}
            autoFocus={seq === undefined}
            find={find}
            lastOwn={lastOwn}
            onSent={() => list.current?.wrote()}
            onJump={(to) => list.current?.jump(to)}
          />
        ) : (
          <Disabled view={view} title={title} />
        )}
        <Announcer conversation={conversation} />
        {overlay?.type === "menu" && <MessageMenu message={overlay.message} at={overlay.at} onClose={close} />}
        {overlay?.type === "emoji" && (
          <EmojiPicker
            at={overlay.at}
            onClose={close}
            onPick={(emoji) => {
              close();
              actions.react(overlay.message, emoji);
            }}
          />
        )}
        {overlay?.type === "delete" && <DeleteDialog message={overlay.message} onClose={close} />}
        {overlay?.type === "info" && (
          <InfoDialog message={find(overlay.message.id) ?? overlay.message} members={members} onClose={close} />
        )}
      </main>
    </SharedContext>
  );
}
