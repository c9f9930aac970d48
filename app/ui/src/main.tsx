import { StrictMode } from "react";
import { createRoot } from "react-dom/client";
import { openBridge } from "#bridge";
import "./ui/tokens.css";
import "./ui/base.css";
import { App } from "./app/App";
import { followKeyboard } from "./hooks/keyboard";
import { applyTheme } from "./hooks/theme";
import { offerBack } from "./ui/layers";

applyTheme();
followKeyboard();
offerBack();

// Opened once, before the first paint asks for it.
const opening = openBridge();
const open = () => opening;

const place = document.getElementById("root");
if (place !== null) {
  createRoot(place).render(
    <StrictMode>
      <App open={open} />
    </StrictMode>,
  );
}
