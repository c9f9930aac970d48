/** The primitives of the design system. They know nothing of chat. */
export { Avatar, hueOf, initials } from "./Avatar";
export { Button, IconButton, type ButtonKind } from "./Button";
export { cx } from "./cx";
export { Dialog } from "./Dialog";
export { Icon, type IconName } from "./Icon";
export { Spinner } from "./Spinner";
