import { useLayoutEffect } from "react";
import css from "./preferences.css?inline";

let sheet: CSSStyleSheet | null = null;

/**
 * The looks of the screen come with its code, so that pages that do not show it do not load them. An adopted sheet is no inline
 * style: a strict Content-Security-Policy allows it.
 */
export function useStyles() {
  useLayoutEffect(() => {
    if (sheet !== null || !("adoptedStyleSheets" in document)) return;
    sheet = new CSSStyleSheet();
    sheet.replaceSync(css);
    document.adoptedStyleSheets = [...document.adoptedStyleSheets, sheet];
  }, []);
}
