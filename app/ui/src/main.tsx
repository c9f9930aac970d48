import { StrictMode } from "react";
import { createRoot } from "react-dom/client";
import { openBridge } from "#bridge";
import "./ui/tokens.css";
import "./ui/base.css";
import { App } from "./app/App";
import { applyTheme } from "./hooks/theme";

applyTheme();

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
