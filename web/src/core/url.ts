/**
 * The address if a click may lead there, else null. Documents are written by producers and shown to others, so only
 * http(s) addresses and paths of this site pass: `javascript:` and `data:` do not, nor `//host`, which hides a host.
 */
export function safeUrl(address: string): string | null {
  const value = address.trim();
  // Browsers drop tabs and line breaks inside an address, and read "\" as "/".
  if (value === "" || /[\p{Cc}\\]/u.test(value)) return null;
  if (value.startsWith("/")) return value.startsWith("//") ? null : value;
  if (!/^https?:\/\//i.test(value)) return null;
  return URL.canParse(value) ? value : null;
}
