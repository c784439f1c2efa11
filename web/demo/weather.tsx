import { useState } from "react";
import { breakFcm } from "./fcm";
import type { Sessions } from "./session";
import type { Stack } from "./stack";

interface WeatherProps {
  readonly stack: Stack;
  readonly sessions: Sessions;
}

/** What can go wrong, at a press: the network of these screens, and FCM for everybody. */
export function Weather({ stack, sessions }: WeatherProps) {
  return (
    <fieldset className="d-clock">
      <legend className="td-hidden">What can go wrong</legend>
      <Switch
        name="network"
        off="Cut the network"
        on="Network is cut"
        hint="The screens of this page lose the database. Marks are kept; the pushes go on."
        flip={cut => sessions.cut(cut)}
      />
      <Switch
        name="fcm"
        off="Break FCM"
        on="FCM is broken"
        hint="Every push is answered with UNAVAILABLE until FCM works again. The inbox does not care."
        flip={broken => breakFcm(stack.fcm, broken)}
      />
    </fieldset>
  );
}

interface SwitchProps {
  readonly name: string;
  readonly off: string;
  readonly on: string;
  readonly hint: string;
  readonly flip: (on: boolean) => Promise<void>;
}

function Switch({ name, off, on, hint, flip }: SwitchProps) {
  const [isOn, setOn] = useState(false);
  const [problem, setProblem] = useState(false);
  return (
    <>
      <button
        type="button"
        className="d-button"
        data-testid={`break-${name}`}
        aria-pressed={isOn}
        title={hint}
        onClick={() => {
          flip(!isOn).then(
            () => setProblem(false),
            () => setProblem(true),
          );
          setOn(!isOn);
        }}
      >
        {isOn ? on : off}
      </button>
      {problem && <span role="alert">It does not answer.</span>}
    </>
  );
}
