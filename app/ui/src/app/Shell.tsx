import { useCallback, useEffect, useState, type ReactElement } from "react";
import type { ConversationId } from "../bridge/generated/ConversationId";
import type { SessionView } from "../bridge/generated/SessionView";
import { AuthScreen, LoginNeeded } from "../features/auth";
import { forgetPlaces } from "../features/conversation";
import { useNotices } from "../features/notify";
import { StatusBar } from "../features/status";
import { useMedia } from "../hooks/useMedia";
import { useQuery } from "../hooks/useQuery";
import { useSession } from "../hooks/useSession";
import { testIds } from "../testids";
import { text } from "../text";
import { ToastProvider } from "../ui";
import { Announcer } from "./Announcer";
import { Dialogs, type DialogName } from "./Dialogs";
import { LeftPane } from "./LeftPane";
import { MainPane } from "./MainPane";
import { go, goBack, useRoute } from "./route";
import styles from "./Shell.module.css";
import { Splash } from "./Splash";
import { Troubles } from "./Troubles";
import { useKeys } from "./useKeys";
import { useWatch } from "./useWatch";

/** One account: what to paint for where it stands, and room for what is to be told at any time. */
export function Shell(): ReactElement {
  return (
    <ToastProvider testId={testIds.toast}>
      <Troubles />
      <Phase />
    </ToastProvider>
  );
}

function Phase(): ReactElement {
  const session = useSession();
  const signedOut = session?.phase === "signed_out";
  useEffect(() => {
    if (signedOut) forgetPlaces();
  }, [signedOut]);
  if (session === undefined) return <Splash />;
  if (session.phase === "signed_out") {
    return (
      <div className={styles.shell}>
        <StatusBar session={session} onLogin={() => undefined} />
        <AuthScreen relay={session.relay} />
      </div>
    );
  }
  return <Workspace key={session.user?.id} session={session} />;
}

/** The page's title tells how many conversations wait, and its icon that some do. */
function useDocumentTitle(): void {
  const unread = useQuery({ type: "conversations", hidden: false }).data?.unread_conversations ?? 0;
  useEffect(() => {
    const icon = document.querySelector<HTMLLinkElement>("link[rel=icon]");
    document.title = text.shell.documentTitle(unread);
    if (unread > 0) icon?.setAttribute("href", "/icon-unread.svg");
    return () => {
      document.title = text.common.app;
      icon?.setAttribute("href", "/icon.svg");
    };
  }, [unread]);
}

function Workspace({ session }: { session: SessionView }): ReactElement {
  const route = useRoute();
  const narrow = useMedia("(max-width: 719px)");
  const wide = useMedia("(min-width: 1100px)");
  // What is searched for beside the conversation, if something is.
  const [searching, setSearching] = useState<string | null>(null);
  const [dialog, setDialog] = useState<DialogName | null>(null);
  const [loginLater, setLoginLater] = useState(false);
  const current = route.page === "conversation" ? route.conversation : null;
  useDocumentTitle();
  // Where one pane fits, the details lie over the conversation that they are about.
  const covered = narrow && route.page === "conversation" && route.details;
  useWatch(current, covered);

  const openConversation = useCallback((conversation: ConversationId, seq?: number) => {
    go({ page: "conversation", conversation, details: false, ...(seq === undefined ? {} : { seq }) });
  }, []);
  useNotices(openConversation);
  const openSearch = (query: string) => {
    setSearching(query);
    if (narrow) go({ page: "search" });
  };
  const closeSearch = () => {
    setSearching(null);
    if (route.page === "search") goBack({ page: "list" });
  };
  const closeDialog = useCallback(() => setDialog(null), []);
  useKeys({ current, onSwitcher: () => setDialog((before) => before ?? "switcher"), onOpen: openConversation,
    onEscape:
      route.page === "conversation" && route.details
        ? () => goBack({ page: "conversation", conversation: route.conversation, details: false })
        : null,
  });

  const needLogin = session.phase === "login_needed" && !loginLater;
  const left = !narrow || route.page === "list" || route.page === "search";
  // On one pane the address says whether to search; beside others it is a state of the left pane.
  const shownSearch = narrow ? (route.page === "search" ? (searching ?? "") : null) : searching;

  return (
    <div className={styles.shell} data-testid={testIds.shell}>
      <StatusBar session={session} onLogin={() => setLoginLater(false)} />
      <div className={styles.panes} data-layout={narrow ? "narrow" : wide ? "wide" : "medium"}>
        {/* The only pane is what the page is about. */}
        <div className={styles.left} hidden={!left} role={narrow ? "main" : "region"} aria-label={text.list.title}>
          <LeftPane
            session={session}
            current={current}
            searching={shownSearch}
            visible={left}
            onSearching={setSearching}
            onCloseSearch={closeSearch}
            onOpenSearch={() => openSearch("")}
            onOpen={openConversation}
            onDialog={setDialog}
            onSettings={() => go({ page: "settings" })}
          />
        </div>
        {(!narrow || !left) && (
          <MainPane
            route={route}
            narrow={narrow}
            onOpen={openConversation}
            onAdd={() => setDialog("add_members")}
            onNotify={() => setDialog("notify")}
          />
        )}
      </div>
      <Dialogs
        name={dialog}
        conversation={current}
        onOpened={(conversation) => {
          closeDialog();
          openConversation(conversation);
        }}
        onName={setDialog}
        onSearch={(query) => {
          closeDialog();
          openSearch(query);
        }}
        onClose={closeDialog}
      />
      {needLogin && <LoginNeeded relay={session.relay} username={session.user?.username ?? ""} onClose={() => setLoginLater(true)} />}
      <Announcer inView={covered ? null : current} />
    </div>
  );
}
