import { Fragment, type ReactElement, type ReactNode, useMemo } from "react";
import type { UserId } from "../../../bridge/generated/UserId";
import { type Block, type Inline, type Mentionable, type Mentionables, parse } from "../../../text/markdown";
import styles from "./Markdown.module.css";

function pieces(inlines: readonly Inline[], me: UserId | null): ReactNode {
  return inlines.map((inline, index) => {
    switch (inline.type) {
      case "text":
        return <Fragment key={index}>{inline.text}</Fragment>;
      case "bold":
        return <strong key={index}>{pieces(inline.children, me)}</strong>;
      case "italic":
        return <em key={index}>{pieces(inline.children, me)}</em>;
      case "strike":
        return <s key={index}>{pieces(inline.children, me)}</s>;
      case "code":
        return (
          <code key={index} className={styles.code} dir="ltr">
            {inline.text}
          </code>
        );
      case "link":
        return (
          <a
            key={index}
            className={styles.link}
            href={inline.href}
            target="_blank"
            rel="noopener noreferrer"
            dir="ltr"
            tabIndex={-1}
          >
            {inline.text}
          </a>
        );
      case "mention":
        return (
          <bdi key={index} className={styles.mention} title={`@${inline.username}`} data-me={inline.id === me || undefined}>
            {inline.text}
          </bdi>
        );
    }
  });
}

function block(part: Block, me: UserId | null, tail: ReactNode, key: number): ReactElement {
  switch (part.type) {
    case "paragraph":
      return (
        <p key={key} className={styles.paragraph} dir="auto">
          {pieces(part.children, me)}
          {tail}
        </p>
      );
    case "quote":
      return (
        <blockquote key={key} className={styles.quote} dir="auto">
          {pieces(part.children, me)}
        </blockquote>
      );
    case "code":
      return (
        <pre key={key} className={styles.block} dir="ltr" tabIndex={-1}>
          <code>{part.text}</code>
        </pre>
      );
    case "list": {
      const items = part.items.map((item, index) => (
        <li key={index} dir="auto" value={item.value}>
          {pieces(item.children, me)}
        </li>
      ));
      return part.ordered ? (
        <ol key={key} className={styles.list}>
          {items}
        </ol>
      ) : (
        <ul key={key} className={styles.list}>
          {items}
        </ul>
      );
    }
  }
}

interface MarkdownProps {
  text: string;
  /** Those whom it mentions. */
  people: Mentionables;
  me: UserId | null;
  /** What stands at the end of the last line: time and marks. */
  tail: ReactNode;
}

/** A message's text. Everything becomes elements; nothing is ever read as HTML. */
export function Markdown({ text, people, me, tail }: MarkdownProps): ReactElement {
  // Every answer brings them anew.
  const key = JSON.stringify([...people]);
  const blocks = useMemo(() => parse(text, new Map(JSON.parse(key) as [string, Mentionable][])), [text, key]);
  const inLine = blocks.at(-1)?.type === "paragraph";
  return (
    <>
      {blocks.map((part, index) => block(part, me, inLine && index === blocks.length - 1 ? tail : null, index))}
      {!inLine && <div className={styles.tail}>{tail}</div>}
    </>
  );
}
