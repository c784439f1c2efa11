import { openInbox } from "@tidings/web";
import "@tidings/web/elements";
import { initializeApp } from "firebase/app";
import { getAuth, onAuthStateChanged, signInWithEmailAndPassword } from "firebase/auth";

const { firebase, emulators } = await (await fetch("environment.json")).json();
// Firebase's own way to name emulators: nothing of this in production.
if (emulators) globalThis.__FIREBASE_DEFAULTS__ = { emulatorHosts: emulators };
const app = initializeApp(firebase);
const auth = getAuth(app);

let inbox = null;
onAuthStateChanged(auth, user => {
  inbox?.close();
  inbox = user && openInbox({ app, user });
  for (const element of document.querySelectorAll("tidings-center, tidings-toasts, tidings-urgent")) {
    element.inbox = inbox;
  }
  document.querySelector("form").hidden = user !== null;
});

document.querySelector("form").addEventListener("submit", event => {
  event.preventDefault();
  const { email, password } = event.target;
  signInWithEmailAndPassword(auth, email.value, password.value);
});
