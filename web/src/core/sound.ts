/** The urgent signal: two rising tones of a fifth, generated, so that nothing has to be downloaded; and a vibration. */

const tones = [
  { at: 0, hertz: 659.3 },
  { at: 0.16, hertz: 987.8 },
] as const; // seconds from now

let context: AudioContext | undefined;

/** Plays it where the browser lets us: most do only after the person has clicked somewhere on the page. */
export function playSignal(): void {
  if (typeof window === "undefined") return;
  if (navigator.userActivation?.hasBeenActive) navigator.vibrate?.([120, 60, 120]);
  if (typeof AudioContext === "undefined" || navigator.userActivation?.hasBeenActive === false) return;
  context ??= new AudioContext();
  void context.resume();
  for (const { at, hertz } of tones) {
    const tone = context.createOscillator();
    const volume = context.createGain();
    const start = context.currentTime + at;
    tone.type = "sine";
    tone.frequency.value = hertz;
    volume.gain.setValueAtTime(0.0001, start);
    volume.gain.exponentialRampToValueAtTime(0.16, start + 0.015);
    volume.gain.exponentialRampToValueAtTime(0.0001, start + 0.45);
    tone.connect(volume).connect(context.destination);
    tone.start(start);
    tone.stop(start + 0.5);
  }
}

const soundKey = "tidings.sound";

/** Whether the person wants to hear it in this browser. A browser that keeps nothing has the default, which is on. */
export function readSound(): boolean {
  try {
    return localStorage.getItem(soundKey) !== "off";
  } catch {
    return true;
  }
}

export function writeSound(on: boolean) {
  try {
    localStorage.setItem(soundKey, on ? "on" : "off");
  } catch {
    // It then lasts as long as the page.
  }
}
