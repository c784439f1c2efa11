"use client";

import { type Inbox, openInbox } from "@tidings/web";
import { NotificationCenter, TidingsProvider, Toasts, UrgentDialog } from "@tidings/web/react";
import { onAuthStateChanged, signInWithEmailAndPassword, type User } from "firebase/auth";
import { type FormEvent, useEffect, useState } from "react";
import { app, auth } from "./firebase";

export function Notifications() {
  const [user, setUser] = useState<User | null>(null);
  const [inbox, setInbox] = useState<Inbox | null>(null);

  useEffect(() => onAuthStateChanged(auth, setUser), []);

  useEffect(() => {
    if (!user) return;
    const opened = openInbox({ app, user });
    setInbox(opened);
    return () => {
      setInbox(null);
      opened.close();
    };
  }, [user]);

  if (!inbox) return <SignIn />;
  return (
    <TidingsProvider inbox={inbox}>
      <NotificationCenter />
      <Toasts />
      <UrgentDialog />
    </TidingsProvider>
  );
}

function SignIn() {
  function signIn(event: FormEvent<HTMLFormElement>) {
    event.preventDefault();
    const given = new FormData(event.currentTarget);
    void signInWithEmailAndPassword(auth, String(given.get("email")), String(given.get("password")));
  }
  return (
    <form onSubmit={signIn}>
      <input name="email" type="email" placeholder="bob@tidings.example" aria-label="E-mail" required />
      <input name="password" type="password" placeholder="tidings" aria-label="Password" required />
      <button type="submit">Sign in</button>
    </form>
  );
}
