const looks = 8;

/** The class of the part at that place: a colour of its own, and where the system has its own colours, a hatch. */
export function lookOf(place: number): string {
  return `i-part i-part-${place % looks}`;
}

/** The hatches, by lines of other slants and distances; the first part is solid. */
export function Hatches() {
  return (
    <svg width="0" height="0" aria-hidden="true" className="i-hatches">
      {Array.from({ length: looks - 1 }, (_, at) => {
        const distance = at < 4 ? 5 : 10;
        return (
          <pattern
            // biome-ignore lint/suspicious/noArrayIndexKey: they are known by their places.
            key={at}
            id={`i-hatch-${at + 1}`}
            width={distance}
            height={distance}
            patternUnits="userSpaceOnUse"
            patternTransform={`rotate(${(at % 4) * 45})`}
          >
            <rect width={distance} height="2" />
          </pattern>
        );
      })}
    </svg>
  );
}
