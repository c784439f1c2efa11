import { createApp } from "vue";
import "@tidings/web/elements";
import "@tidings/web/styles.css";
import App from "./App.vue";

createApp(App).mount("#app");
