/**
 * @packageDocumentation The components as elements of the page, for Vue, Svelte and plain pages. Importing this defines them,
 * and does nothing on a server. Import `@tidings/web/styles.css` for their looks.
 */
import { TidingsElement, type TidingsEvents } from "./element";

export { english } from "../react/english";
export { german } from "../react/german";
export type { Words } from "../react/words";
export { TidingsElement, type TidingsEvents };

/** `<tidings-bell>`: the bell with its badge, a button. Its `click` bubbles. */
export class TidingsBell extends TidingsElement {
  constructor() {
    super("bell");
  }
}

/** `<tidings-center>`: the bell, and behind it the centre. Its attribute `open` opens it, and tells whether it is open. */
export class TidingsCenter extends TidingsElement {
  static readonly observedAttributes = ["open"];

  constructor() {
    super("center");
  }

  get open(): boolean {
    return this.hasAttribute("open");
  }

  set open(open: boolean) {
    this.toggleAttribute("open", open);
  }

  attributeChangedCallback() {
    this.draw();
  }

  protected override opening() {
    return {
      open: this.open,
      onOpenChange: (open: boolean) => {
        this.open = open;
        this.tell("tidings-toggle", { open });
      },
    };
  }

  protected override left() {
    this.open = false;
  }
}

/** `<tidings-panel>`: what the centre shows, for a place of its own in the page. Give it a height. */
export class TidingsPanel extends TidingsElement {
  constructor() {
    super("panel");
  }
}

/** `<tidings-preferences>`: what reaches the person, when, and by which way: for a settings page. */
export class TidingsPreferences extends TidingsElement {
  constructor() {
    super("preferences");
  }
}

/** `<tidings-toasts>`: the toasts, above everything else of the page. */
export class TidingsToasts extends TidingsElement {
  constructor() {
    super("toasts");
  }
}

/** `<tidings-urgent>`: the dialog for what is urgent and asks something. Without one, that is a toast, too. */
export class TidingsUrgent extends TidingsElement {
  constructor() {
    super("urgent");
  }
}

const elements = {
  "tidings-bell": TidingsBell,
  "tidings-center": TidingsCenter,
  "tidings-panel": TidingsPanel,
  "tidings-preferences": TidingsPreferences,
  "tidings-toasts": TidingsToasts,
  "tidings-urgent": TidingsUrgent,
};

declare global {
  interface HTMLElementTagNameMap {
    "tidings-bell": TidingsBell;
    "tidings-center": TidingsCenter;
    "tidings-panel": TidingsPanel;
    "tidings-preferences": TidingsPreferences;
    "tidings-toasts": TidingsToasts;
    "tidings-urgent": TidingsUrgent;
  }
  interface GlobalEventHandlersEventMap extends TidingsEvents {}
}

if (typeof customElements !== "undefined") {
  for (const [name, element] of Object.entries(elements)) {
    // A page may load the package twice: the first one stays.
    if (!customElements.get(name)) customElements.define(name, element);
  }
}
