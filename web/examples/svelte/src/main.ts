import { mount } from "svelte";
import "@tidings/web/elements";
import "@tidings/web/styles.css";
import App from "./App.svelte";

const target = document.getElementById("app");
if (target) mount(App, { target });
