// The head of the page: the language, and what holds for all panels.

import { html, say } from "./views/element.js";
import { duration, grouped } from "./views/number.js";
import { language, setLanguage, t, worded } from "./words.js";

const LANGUAGES = { en: "English", zh: "中文" };
const TAGS = { en: "en", zh: "zh-CN" };

/** Buttons for the languages, each in its own. */
export function chooseLanguage(container) {
  const buttons = Object.entries(LANGUAGES).map(([name, text]) => {
    const button = html("button", { type: "button", lang: TAGS[name], text });
    button.addEventListener("click", () => {
      setLanguage(name);
      press();
    });
    return { name, button };
  });
  const press = () => {
    for (const { name, button } of buttons) button.setAttribute("aria-pressed", String(name === language()));
  };
  press();
  container.append(...buttons.map(({ button }) => button));
}

/** The feed, the clock and the connections of this page. */
export function create(container, shown) {
  const figures = ["feed", "clock", "connections"].map((name) => {
    const value = html("dd", { "data-figure": name });
    container.append(html("div", {}, worded(html("dt"), `status.${name}`), value));
    return value;
  });
  const [feed, clock, connections] = figures;

  function update() {
    const { account, classroom, settings } = shown;
    const isPaused = settings.paused ? t("status.paused") : t(`source.${classroom.source}`);
    say(feed, account ? isPaused : t("status.away"));
    say(clock, t("status.error", { error: duration(shown.clock.errorMs) }));
    say(connections, account ? grouped(account.connections) : "–");
  }

  return { update };
}
