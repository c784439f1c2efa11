import { StrictMode } from "react";
import { createRoot } from "react-dom/client";
import { App } from "./app";
import "../src/react/styles.css";
import "./demo.css";

const root = document.getElementById("root");
if (root) {
  createRoot(root).render(
    <StrictMode>
      <App />
    </StrictMode>,
  );
}
