import type { ComponentProps } from "react";
import { Icon, type IconName } from "./icons";

interface ButtonProps extends ComponentProps<"button"> {
  readonly testId?: string;
}

/** A button that is a word. */
export function TextButton({ testId, ...button }: ButtonProps) {
  return <button type="button" className="td-text-button" data-testid={testId} {...button} />;
}

interface IconButtonProps extends ButtonProps {
  readonly icon: IconName;
  readonly "aria-label": string;
}

/** A button that is a drawing, in a line of text unless `className` says otherwise. */
export function IconButton({ icon, testId, ...button }: IconButtonProps) {
  return (
    <button type="button" className="td-row-button" data-testid={testId} {...button}>
      <Icon name={icon} />
    </button>
  );
}
