import "react";

declare module "react" {
  interface CSSProperties {
    /** Degrees; the colour of an avatar without a picture. */
    "--td-hue"?: number;
  }
}
