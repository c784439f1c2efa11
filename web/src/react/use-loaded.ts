import { useEffect, useState } from "react";

const again = 3000; // ms after a failure: a network that is gone now may be back then

/** What `load` brings; null before. It goes on trying for as long as the component is there. */
export function useLoaded<T extends object>(load: () => Promise<T>): T | null {
  const [loaded, setLoaded] = useState<{ readonly by: typeof load; readonly value: T } | null>(null);
  useEffect(() => {
    let timer: ReturnType<typeof setTimeout> | undefined;
    let current = true;
    const attempt = () =>
      load().then(
        value => current && setLoaded({ by: load, value }),
        () => {
          if (current) timer = setTimeout(attempt, again);
        },
      );
    void attempt();
    return () => {
      current = false;
      clearTimeout(timer);
    };
  }, [load]);
  return loaded?.by === load ? loaded.value : null;
}
