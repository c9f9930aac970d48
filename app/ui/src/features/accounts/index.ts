export { AccountRail } from "./AccountRail";
export { BrokenAccount } from "./BrokenAccount";
export { DeviceSettings } from "./DeviceSettings";
export { QuitButton } from "./QuitButton";
export { SecretsGate } from "./SecretsGate";
export { Welcome } from "./Welcome";
export { nextZoom } from "./zoom";
