import { type ComponentType, type ReactNode, useCallback, useState } from "react";
import { loadOnce } from "../core/load-once";

interface KeysHelpProps {
  readonly onClose: () => void;
}

const load = loadOnce(() => import("./keys-help"));

/** The dialog that lists the keys. It is loaded when somebody asks for it. */
export function useKeysHelp(): { readonly help: ReactNode; readonly openHelp: () => void } {
  const [Help, setHelp] = useState<ComponentType<KeysHelpProps> | null>(null);
  const openHelp = useCallback(() => {
    load().then(
      ({ KeysHelp }) => setHelp(() => KeysHelp),
      () => {}, // without a network it stays closed; the next press tries again
    );
  }, []);
  const close = useCallback(() => setHelp(null), []);
  return { help: Help && <Help onClose={close} />, openHelp };
}
