import {
  type ClipboardEvent,
  type KeyboardEvent,
  type ReactElement,
  type Ref,
  useCallback,
  useEffect,
  useImperativeHandle,
  useLayoutEffect,
  useRef,
  useState,
} from "react";
import type { ConversationId } from "../../../bridge/generated/ConversationId";
import type { MemberRow } from "../../../bridge/generated/MemberRow";
import type { MessageRow } from "../../../bridge/generated/MessageRow";
import { useMedia } from "../../../hooks/useMedia";
import { problemText, text } from "../../../text";
import { testIds } from "../../../testids";
import { IconButton } from "../../../ui";
import { bytesOf, NEARLY_FULL_BYTES, TEXT_BYTES } from "../model/bytes";
import { asked, complete, fitting, mentioned } from "../model/mentions";
import type { At } from "../parts/context";
import { EmojiPicker } from "../parts/EmojiPicker";
import styles from "./Composer.module.css";
import { ComposerBar } from "./ComposerBar";
import { Mentions, mentionsListId, optionId } from "./Mentions";
import { emptyDraft, useDraft } from "./useDraft";
import { useSubmit } from "./useSubmit";
import { useTyping } from "./useTyping";

/** What the screen can ask of the composer. */
export interface ComposerHandle {
  reply: (message: MessageRow) => void;
  edit: (message: MessageRow) => void;
  focus: () => void;
  insert: (words: string) => void;
}

interface ComposerProps {
  conversation: ConversationId;
  title: string;
  members: readonly MemberRow[];
  /** Takes the focus when it appears. */
  autoFocus: boolean;
  /** Finds a message among those in view. */
  find: (id: string) => MessageRow | undefined;
  /** The last message of one's own that can be edited. */
  lastOwn: () => MessageRow | undefined;
  onSent: () => void;
  onJump: (seq: number) => void;
  ref: Ref<ComposerHandle>;
}

/** Where one writes. It empties only after the engine has what stood in it. */
export function Composer({
  conversation,
  title,
  members,
  autoFocus,
  find,
  lastOwn,
  onSent,
  onJump,
  ref,
}: ComposerProps): ReactElement {
  const t = text.conversation.composer;
  const field = useRef<HTMLTextAreaElement>(null);
  const writing = useCallback(() => document.activeElement === field.current, []);
  const { draft, ready, change, flush } = useDraft(conversation, writing);
  const { busy, problem, clear, submit } = useSubmit(conversation);
  const tellTyping = useTyping(conversation);
  const coarse = useMedia("(pointer: coarse)");
  const [caret, setCaret] = useState(0);
  const [marked, setMarked] = useState(0);
  const [dismissed, setDismissed] = useState<number | null>(null);
  const [picker, setPicker] = useState<At | null>(null);
  // What stood here before an edit began comes back after it.
  const stash = useRef<string | null>(null);
  const wantCaret = useRef<number | null>(null);

  const query = asked(draft.text, caret);
  const people = query !== null && query.start !== dismissed ? fitting(members, query.query) : [];
  const picked = people[Math.min(marked, people.length - 1)];
  const bytes = bytesOf(draft.text);
  const sendable = ready && draft.text.trim() !== "" && bytes <= TEXT_BYTES;

  useLayoutEffect(() => {
    const box = field.current;
    if (!box) return;
    box.style.height = "auto";
    box.style.height = `${box.scrollHeight}px`;
    if (wantCaret.current !== null) {
      box.setSelectionRange(wantCaret.current, wantCaret.current);
      setCaret(wantCaret.current);
      wantCaret.current = null;
    }
  }, [draft.text]);

  // With a keyboard at hand one writes at once; under a finger the keyboard comes when it is asked for.
  const atOnce = useRef(autoFocus && !coarse);
  useEffect(() => {
    if (atOnce.current) field.current?.focus({ preventScroll: true });
  }, []);

  const write = useCallback(
    (value: string, to?: number) => {
      if (to !== undefined) wantCaret.current = to;
      change({ text: value });
    },
    [change],
  );
  const focus = useCallback(() => field.current?.focus(), []);
  const leave = useCallback(() => {
    if (draft.editing !== null) {
      change({ editing: null, text: stash.current ?? "", mentions: [] });
      stash.current = null;
    } else {
      change({ reply_to: null });
    }
    clear();
    focus();
  }, [change, clear, draft.editing, focus]);

  useImperativeHandle(
    ref,
    () => ({
      focus,
      reply: (message) => {
        const back = draft.editing === null ? {} : { editing: null, text: stash.current ?? "" };
        stash.current = null;
        change({ ...back, reply_to: message.id });
        focus();
      },
      edit: (message) => {
        if (message.content?.type !== "text") return;
        if (draft.editing === null) stash.current = draft.text;
        wantCaret.current = message.content.text.length;
        change({
          text: message.content.text,
          editing: message.id,
          reply_to: null,
          mentions: message.content.mentions ?? [],
        });
        focus();
      },
      insert: (words) => {
        write(draft.text + words, draft.text.length + words.length);
        focus();
      },
    }),
    [change, draft.editing, draft.text, focus, write],
  );

  const send = async () => {
    if (!sendable || busy) return;
    const sent = draft;
    if (!(await submit(sent, mentioned(sent.text, members, sent.mentions)))) {
      focus();
      return;
    }
    // What was typed while the engine stored it stays.
    const now = field.current?.value ?? "";
    const rest = now.startsWith(sent.text) ? now.slice(sent.text.length) : now === sent.text ? "" : now;
    const back = sent.editing === null ? "" : (stash.current ?? "");
    stash.current = null;
    change({ ...emptyDraft, text: back + rest });
    flush();
    tellTyping(false);
    if (sent.editing === null) onSent();
    focus();
  };

  const pick = (member: MemberRow) => {
    if (!query) return;
    const done = complete(draft.text, query, caret, member.user.display_name);
    wantCaret.current = done.caret;
    change({ text: done.text, mentions: [...new Set([...draft.mentions, member.user.id])] });
    focus();
  };

  const onKeyDown = (event: KeyboardEvent<HTMLTextAreaElement>) => {
    // An input method is choosing: its keys are its own. Safari says so by the old number alone.
    // eslint-disable-next-line @typescript-eslint/no-deprecated
    if (event.nativeEvent.isComposing || event.keyCode === 229) return;
    if (people.length > 0 && onMentionKey(event)) return;
    if (event.key === "Enter" && !event.shiftKey && !event.altKey && (!coarse || event.ctrlKey || event.metaKey)) {
      event.preventDefault();
      void send();
    } else if (event.key === "Escape" && (draft.editing !== null || draft.reply_to !== null)) {
      event.preventDefault();
      event.stopPropagation();
      leave();
    } else if (event.key === "ArrowUp" && draft.text === "" && draft.editing === null) {
      const own = lastOwn();
      if (!own || own.content?.type !== "text") return;
      event.preventDefault();
      stash.current = "";
      wantCaret.current = own.content.text.length;
      change({ text: own.content.text, editing: own.id, reply_to: null, mentions: own.content.mentions ?? [] });
    }
  };
  const onMentionKey = (event: KeyboardEvent): boolean => {
    const count = people.length;
    if (event.key === "ArrowDown") setMarked((Math.min(marked, count - 1) + 1) % count);
    else if (event.key === "ArrowUp") setMarked((Math.min(marked, count - 1) + count - 1) % count);
    else if ((event.key === "Enter" || event.key === "Tab") && picked) pick(picked);
    else if (event.key === "Escape") {
      setDismissed(query?.start ?? null);
      event.stopPropagation();
    } else return false;
    event.preventDefault();
    return true;
  };

  // Whatever is on the clipboard, its text is taken, with line ends as here.
  const onPaste = (event: ClipboardEvent<HTMLTextAreaElement>) => {
    const plain = event.clipboardData.getData("text/plain").replace(/\r\n?/g, "\n");
    if (plain === "") return;
    event.preventDefault();
    const { selectionStart, selectionEnd } = event.currentTarget;
    write(draft.text.slice(0, selectionStart) + plain + draft.text.slice(selectionEnd), selectionStart + plain.length);
    tellTyping(true);
  };

  return (
    <div className={styles.composer} data-testid={testIds.composer}>
      {people.length > 0 && picked && <Mentions people={people} picked={picked} onPick={pick} />}
      {(draft.reply_to !== null || draft.editing !== null) && (
        <ComposerBar
          kind={draft.editing === null ? "reply" : "edit"}
          message={find(draft.editing ?? draft.reply_to ?? "")}
          onClose={leave}
          onJump={onJump}
        />
      )}
      {problem !== null && (
        <p className={styles.problem} role="alert" data-testid={testIds.composerProblem}>
          {t.notAccepted(problemText(problem))}
        </p>
      )}
      <div className={styles.line}>
        <IconButton
          icon="react"
          label={t.emoji}
          data-testid={testIds.composerEmoji}
          onClick={(event) => {
            const box = event.currentTarget.getBoundingClientRect();
            setPicker({ x: box.left, y: box.top - 8 });
          }}
        />
        <div className={styles.box}>
          <textarea
            ref={field}
            className={styles.field}
            rows={1}
            dir="auto"
            value={draft.text}
            placeholder={t.placeholder}
            aria-label={t.label(title)}
            aria-autocomplete="list"
            aria-controls={people.length > 0 ? mentionsListId : undefined}
            aria-activedescendant={people.length > 0 && picked ? optionId(picked) : undefined}
            aria-invalid={bytes > TEXT_BYTES || undefined}
            enterKeyHint={coarse ? "enter" : "send"}
            data-testid={testIds.composerInput}
            onChange={(event) => {
              change({ text: event.target.value });
              setCaret(event.target.selectionStart);
              setMarked(0);
              setDismissed(null);
              if (problem !== null) clear();
              tellTyping(event.target.value.trim() !== "");
            }}
            onSelect={(event) => setCaret(event.currentTarget.selectionStart)}
            onKeyDown={onKeyDown}
            onPaste={onPaste}
            onBlur={() => tellTyping(false)}
          />
          {bytes > NEARLY_FULL_BYTES && (
            <span
              className={styles.bytes}
              data-over={bytes > TEXT_BYTES || undefined}
              data-testid={testIds.composerBytes}
              role="status"
            >
              {t.bytesLeft(TEXT_BYTES - bytes)}
            </span>
          )}
        </div>
        <IconButton
          icon={draft.editing === null ? "send" : "check"}
          label={draft.editing === null ? t.send : t.saveEdit}
          className={styles.send ?? ""}
          aria-disabled={!sendable || undefined}
          aria-busy={busy || undefined}
          data-testid={testIds.composerSend}
          // The keyboard of a phone stays open.
          onPointerDown={(event) => event.preventDefault()}
          onClick={() => void send()}
        />
      </div>
      {picker && (
        <EmojiPicker
          at={picker}
          onClose={() => setPicker(null)}
          onPick={(emoji) => {
            setPicker(null);
            const at = Math.min(caret, draft.text.length);
            write(draft.text.slice(0, at) + emoji + draft.text.slice(at), at + emoji.length);
            focus();
          }}
        />
      )}
    </div>
  );
}
