import type { ReactNode } from "react";
import "@tidings/web/styles.css";

export const metadata = { title: "Tidings in Next.js" };

export default function Layout({ children }: { readonly children: ReactNode }) {
  return (
    <html lang="en">
      <body>{children}</body>
    </html>
  );
}
