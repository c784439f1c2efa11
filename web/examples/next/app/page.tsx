import { Notifications } from "./notifications";

export default function Page() {
  return (
    <header>
      <Notifications />
    </header>
  );
}
