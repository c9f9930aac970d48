import { useEffect, useLayoutEffect, useRef, useState, type KeyboardEvent, type ReactElement } from "react";
import styles from "./Menu.module.css";
import { IconButton } from "./Button";
import { cx } from "./cx";
import { Icon, type IconName } from "./Icon";

/** One thing that a menu offers. */
export interface MenuItem {
  label: string;
  icon?: IconName;
  /** The keys that do the same, as they are written here. */
  keys?: string;
  danger?: boolean;
  disabled?: boolean;
  testId?: string;
  onSelect: () => void;
}

/** Where a menu opens: beside a control, or at a point. */
export type MenuAnchor = { left: number; right: number; top: number; bottom: number };

/** A point as an anchor. */
export function anchorAt(x: number, y: number): MenuAnchor {
  return { left: x, right: x, top: y, bottom: y };
}

const MARGIN = 8;

interface MenuPopupProps {
  label: string;
  anchor: MenuAnchor;
  items: readonly MenuItem[];
  onClose: () => void;
}

/** An open menu in the top layer. Arrows, Home, End and first letters move; Escape, Tab and a press beside it close it. */
export function MenuPopup({ label, anchor, items, onClose }: MenuPopupProps): ReactElement {
  const ref = useRef<HTMLDivElement>(null);
  const before = useRef<Element | null>(null);

  useLayoutEffect(() => {
    const menu = ref.current;
    if (menu === null) return;
    before.current = document.activeElement;
    // Old engines have no top layer for it; the menu is placed the same and stands where it is.
    if (typeof menu.showPopover === "function") menu.showPopover();
    const { width, height } = menu.getBoundingClientRect();
    const left = anchor.right - width >= MARGIN && anchor.left !== anchor.right ? anchor.right - width : anchor.left;
    const top = anchor.bottom + 4 + height <= window.innerHeight - MARGIN ? anchor.bottom + 4 : anchor.top - 4 - height;
    menu.style.left = `${Math.max(MARGIN, Math.min(left, window.innerWidth - width - MARGIN))}px`;
    menu.style.top = `${Math.max(MARGIN, Math.min(top, window.innerHeight - height - MARGIN))}px`;
    menu.querySelector<HTMLElement>("[role=menuitem]:not([aria-disabled])")?.focus();
    return () => {
      if (before.current instanceof HTMLElement && (menu.contains(document.activeElement) || document.activeElement === document.body)) {
        before.current.focus();
      }
    };
  }, [anchor]);

  useEffect(() => {
    const outside = (event: Event) => {
      if (event.target instanceof Node && ref.current?.contains(event.target) !== true) onClose();
    };
    document.addEventListener("pointerdown", outside, true);
    window.addEventListener("resize", onClose);
    return () => {
      document.removeEventListener("pointerdown", outside, true);
      window.removeEventListener("resize", onClose);
    };
  }, [onClose]);

  const onKeyDown = (event: KeyboardEvent) => {
    const choices = [...(ref.current?.querySelectorAll<HTMLElement>("[role=menuitem]") ?? [])];
    const at = choices.indexOf(document.activeElement as HTMLElement);
    const move = (to: number) => {
      event.preventDefault();
      choices[(to + choices.length) % choices.length]?.focus();
    };
    if (event.key === "ArrowDown") move(at + 1);
    else if (event.key === "ArrowUp") move(at - 1);
    else if (event.key === "Home") move(0);
    else if (event.key === "End") move(choices.length - 1);
    else if (event.key === "Escape" || event.key === "Tab") {
      event.preventDefault();
      onClose();
    } else if (event.key.length === 1) {
      const found = [...choices.slice(at + 1), ...choices].find((choice) => choice.textContent.toLocaleLowerCase().startsWith(event.key.toLocaleLowerCase()));
      found?.focus();
    }
    event.stopPropagation();
  };

  return (
    <div ref={ref} className={styles.menu} role="menu" aria-label={label} popover="manual" tabIndex={-1} onKeyDown={onKeyDown}>
      {items.map((item) => (
        <button
          key={item.label}
          type="button"
          role="menuitem"
          tabIndex={-1}
          className={cx(styles.item, item.danger === true && styles.danger)}
          aria-disabled={item.disabled === true || undefined}
          data-testid={item.testId}
          onClick={(event) => {
            event.stopPropagation();
            if (item.disabled === true) return;
            onClose();
            item.onSelect();
          }}
        >
          {item.icon !== undefined && <Icon name={item.icon} size={18} />}
          <span>{item.label}</span>
          {item.keys !== undefined && <kbd aria-hidden="true">{item.keys}</kbd>}
        </button>
      ))}
    </div>
  );
}

interface MenuButtonProps {
  icon: IconName;
  label: string;
  items: readonly MenuItem[];
  testId?: string;
  className?: string;
}

/** A button that opens a menu. */
export function MenuButton({ icon, label, items, testId, className }: MenuButtonProps): ReactElement {
  const [anchor, setAnchor] = useState<MenuAnchor | null>(null);
  return (
    <>
      <IconButton
        icon={icon}
        label={label}
        aria-haspopup="menu"
        aria-expanded={anchor !== null}
        data-testid={testId}
        {...(className === undefined ? {} : { className })}
        onClick={(event) => {
          event.stopPropagation();
          setAnchor(event.currentTarget.getBoundingClientRect());
        }}
      />
      {anchor !== null && <MenuPopup label={label} anchor={anchor} items={items} onClose={() => setAnchor(null)} />}
    </>
  );
}
