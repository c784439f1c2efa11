const frames = 30; // to wait at most, while the code or the items of what takes it still come

/** Gives the focus to what `find` answers as soon as that takes it. Answers the function that gives up. */
export function focusWhenDrawn(find: () => HTMLElement | null | undefined): () => void {
  let left = frames;
  let frame = 0;
  const attempt = () => {
    const element = find();
    element?.focus({ preventScroll: true });
    if ((!element || document.activeElement !== element) && left-- > 0) frame = requestAnimationFrame(attempt);
  };
  attempt();
  return () => cancelAnimationFrame(frame);
}
