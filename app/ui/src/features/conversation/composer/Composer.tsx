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
import { useDraft } from "./useDraft";
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
  const { draft, ready, change, write, latest, flush } = useDraft(conversation, writing);
  const { edit: editing } = draft;
  // An edit takes the place of the message that one was writing, which waits behind it.
  const written = editing ?? draft;
  const { busy, problem, clear, submit } = useSubmit(conversation);
  const tellTyping = useTyping(conversation);
  const coarse = useMedia("(pointer: coarse)");
  const [caret, setCaret] = useState(0);
  const [marked, setMarked] = useState(0);
  const [dismissed, setDismissed] = useState<number | null>(null);
  const [picker, setPicker] = useState<At | null>(null);
  const wantCaret = useRef<number | null>(null);

  const query = asked(written.text, caret);
  const people = query !== null && query.start !== dismissed ? fitting(members, query.query) : [];
  const picked = people[Math.min(marked, people.length - 1)];
  const bytes = bytesOf(written.text);
  const sendable = ready && written.text.trim() !== "" && bytes <= TEXT_BYTES;

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
  }, [written.text]);

  // With a keyboard at hand one writes at once; under a finger the keyboard comes when it is asked for.
  const atOnce = useRef(autoFocus && !coarse);
  useEffect(() => {
    if (atOnce.current) field.current?.focus({ preventScroll: true });
  }, []);

  const put = useCallback(
    (value: string, to: number) => {
      wantCaret.current = to;
      write({ text: value });
    },
    [write],
  );
  const focus = useCallback(() => field.current?.focus(), []);
  const leave = useCallback(() => {
    change(editing === null ? { reply_to: null } : { edit: null });
    clear();
    focus();
  }, [change, clear, editing, focus]);
  const begin = useCallback(
    ({ id, content }: MessageRow) => {
      if (content?.type !== "text") return;
      wantCaret.current = content.text.length;
      change({ edit: { message: id, text: content.text, mentions: content.mentions ?? [] } });
      focus();
    },
    [change, focus],
  );

  useImperativeHandle(
    ref,
    () => ({
      focus,
      reply: (message) => {
        change({ edit: null, reply_to: message.id });
        focus();
      },
      edit: begin,
      insert: (words) => {
        put(written.text + words, written.text.length + words.length);
        focus();
      },
    }),
    [begin, change, focus, put, written.text],
  );

  const send = async () => {
    if (!sendable || busy) return;
    const sent = draft;
    if (!(await submit(sent, mentioned(written.text, members)))) {
      focus();
      return;
    }
    // What was typed while the engine stored it stays.
    const now = latest();
    if (sent.edit === null) {
      const rest = now.text.startsWith(sent.text) ? now.text.slice(sent.text.length) : now.text;
      change({ text: rest, reply_to: null, mentions: [] });
    } else if (now.edit?.text === sent.edit.text) change({ edit: null });
    flush();
    tellTyping(false);
    if (sent.edit === null) onSent();
    focus();
  };

  const pick = (member: MemberRow) => {
    if (!query) return;
    const done = complete(written.text, query, caret, member.user.username);
    wantCaret.current = done.caret;
    write({ text: done.text, mentions: [...new Set([...written.mentions, member.user.id])] });
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
    } else if (event.key === "Escape" && (editing !== null || draft.reply_to !== null)) {
      event.preventDefault();
      event.stopPropagation();
      leave();
    } else if (event.key === "ArrowUp" && written.text === "" && editing === null) {
      const own = lastOwn();
      if (!own) return;
      event.preventDefault();
      begin(own);
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
    put(written.text.slice(0, selectionStart) + plain + written.text.slice(selectionEnd), selectionStart + plain.length);
    tellTyping(true);
  };

  return (
    <div className={styles.composer} data-testid={testIds.composer}>
      {people.length > 0 && picked && <Mentions people={people} picked={picked} onPick={pick} />}
      {(draft.reply_to !== null || editing !== null) && (
        <ComposerBar
          kind={editing === null ? "reply" : "edit"}
          message={find(editing?.message ?? draft.reply_to ?? "")}
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
            value={written.text}
            placeholder={t.placeholder}
            aria-label={t.label(title)}
            aria-autocomplete="list"
            aria-controls={people.length > 0 ? mentionsListId : undefined}
            aria-activedescendant={people.length > 0 && picked ? optionId(picked) : undefined}
            aria-invalid={bytes > TEXT_BYTES || undefined}
            enterKeyHint={coarse ? "enter" : "send"}
            data-testid={testIds.composerInput}
            onChange={(event) => {
              write({ text: event.target.value });
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
          icon={editing === null ? "send" : "check"}
          label={editing === null ? t.send : t.saveEdit}
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
            const at = Math.min(caret, written.text.length);
            put(written.text.slice(0, at) + emoji + written.text.slice(at), at + emoji.length);
            focus();
          }}
        />
      )}
    </div>
  );
}
