/** The primitives of the design system. They know nothing of chat. */
export { Avatar, hueOf, initials } from "./Avatar";
export { Button, IconButton, type ButtonKind } from "./Button";
export { cx } from "./cx";
export { Confirm, Dialog } from "./Dialog";
export { Empty, Hidden, Notice, SkeletonRows } from "./Empty";
export { Entrance, EntrancePage } from "./Entrance";
export { Field, SearchField } from "./Field";
export { Icon, type IconName } from "./Icon";
export { anchorAt, MenuButton, MenuPopup, type MenuAnchor, type MenuItem } from "./Menu";
export { runsOf, Snippet } from "./Snippet";
export { Spinner } from "./Spinner";
export { Choice, Switch } from "./Switch";
export { Ticks, type TickState } from "./Ticks";
export { VirtualList, type VirtualListHandle } from "./VirtualList";
export { ToastProvider, useToast, type Toast } from "./Toast";
