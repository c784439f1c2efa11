/**
 * All that the headless core uses of the place it runs in, beyond ECMAScript; browsers, Node.js and React Native have it.
 * `tsc -p tsconfig.headless.json` refuses anything else: no `window`, `document`, `navigator`, `localStorage`, `BroadcastChannel`.
 */
type Timer = number & { readonly timer: unique symbol };

declare function setTimeout(callback: () => void, ms?: number): Timer;
declare function clearTimeout(timer: Timer | undefined): void;
declare function setInterval(callback: () => void, ms: number): Timer;
declare function clearInterval(timer: Timer | undefined): void;

declare const performance: { now(): number };

interface FetchOptions {
  readonly method?: string;
  readonly mode?: "no-cors";
  readonly cache?: "no-store";
  readonly headers?: Readonly<Record<string, string>>;
  readonly body?: string;
  readonly signal?: AbortSignal;
}

declare function fetch(address: string, options: FetchOptions): Promise<{ text(): Promise<string> }>;

/** Without `AbortSignal.timeout`: React Native has none. */
interface AbortSignal {
  readonly aborted: boolean;
}

declare class AbortController {
  readonly signal: AbortSignal;
  abort(): void;
}
