/** What this browser keeps about itself, for all people who use it. */

const installationKey = "tidings.installation";
const ownerKey = "tidings.pushes";

/** This browser's own id, the same at every visit; null where nothing is kept, as each visit would be another device. */
export function installationId(): string | null {
  try {
    const known = localStorage.getItem(installationKey) ?? crypto.randomUUID();
    localStorage.setItem(installationKey, known);
    return known;
  } catch {
    return null;
  }
}

/** The person whom the browser's address was taken for; null for nobody. */
export function addressOwner(): string | null {
  try {
    return localStorage.getItem(ownerKey);
  } catch {
    return null;
  }
}

export function setAddressOwner(uid: string | null) {
  try {
    if (uid === null) localStorage.removeItem(ownerKey);
    else localStorage.setItem(ownerKey, uid);
  } catch {
    // The next person's page then takes the address over without giving it up first; the server knows one owner only.
  }
}

/** Whether the person allows notifications. */
export function permitted(): boolean {
  return typeof Notification !== "undefined" && Notification.permission === "granted";
}

/** What the browser lets us do, as far as it says; "off" is everything. */
export function ability(): "unsupported" | "denied" | "off" {
  const able = typeof Notification !== "undefined" && typeof navigator !== "undefined" && "serviceWorker" in navigator;
  if (!able) return "unsupported";
  return Notification.permission === "denied" ? "denied" : "off";
}
