/* Live updates without eval: one timer fires "live:tick", and every fifth time "live:slow"; every element with
   hx-trigger="live:tick from:body" refreshes itself. The server answers 204 when nothing changed and leaves hx-trigger out of the last part.
   A live part may carry data-say (read out when it changes) or data-alarm (read out at once). */
(() => {
  const FAST = 2000, SLOW = 30000, PAUSED = "live-paused";
  const body = document.body;
  // never overwrite the field someone is typing in; any other part that has the focus, such as a drawer, is not spared
  const FIELDS = "input, select, textarea, [contenteditable=true]";
  Object.defineProperty(Idiomorph.defaults, "ignoreActiveValue",
    { enumerable: true, get: () => Boolean(document.activeElement?.matches(FIELDS)) });
  Idiomorph.defaults.callbacks.beforeAttributeUpdated = (name, node) => !(name === "open" && node.tagName === "DETAILS");

  const isPaused = () => sessionStorage.getItem(PAUSED) === "1";
  const isLive = () => Boolean(document.querySelector('[hx-trigger*="live:"]'));
  let wait = FAST, ticks = 0, timer, seen = new Date();

  const tick = () => {
    if (!document.hidden && !isPaused() && isLive()) {
      htmx.trigger(body, "live:tick");
      if (ticks++ % 5 === 4) htmx.trigger(body, "live:slow");
    }
    timer = setTimeout(tick, wait);
  };
  document.addEventListener("visibilitychange", () => { clearTimeout(timer); if (document.hidden) return; tick(); });

  // the server is away: ask less often, and say how old the page is
  const lose = () => {
    wait = Math.min(wait * 2, SLOW);
    const since = document.querySelector("[data-last-seen]");
    if (since) since.textContent = seen.toLocaleTimeString([], { hour: "2-digit", minute: "2-digit", hour12: false });
    body.classList.add("offline");
  };
  body.addEventListener("htmx:sendError", lose);
  body.addEventListener("htmx:timeout", lose);
  body.addEventListener("htmx:afterRequest", e => {
    if (!e.detail.successful) return;
    wait = FAST; seen = new Date(); body.classList.remove("offline");
  });

  // milestones for screen readers: the panels themselves are no live regions, they change too often
  const said = new Map();
  const speak = (attribute, target) => {
    for (const part of document.querySelectorAll(`[${attribute}]`)) {
      const key = attribute + part.id, text = part.getAttribute(attribute), before = said.get(key);
      said.set(key, text);
      if (before !== undefined && before !== text) document.getElementById(target).textContent = text;
    }
  };
  const speakAll = () => { speak("data-say", "announcement"); speak("data-alarm", "alarm"); };
  body.addEventListener("htmx:afterSettle", speakAll);
  speakAll();

  // "Pause live updates"
  const toggle = document.querySelector("[data-live-toggle]");
  const show = () => {
    if (!toggle) return;
    const label = isPaused() ? "Go on with live updates" : "Pause live updates";
    toggle.hidden = !isLive() && !isPaused();
    toggle.setAttribute("aria-pressed", isPaused());
    toggle.setAttribute("aria-label", label);
    toggle.title = label;
    body.classList.toggle("live-paused", isPaused());
  };
  toggle?.addEventListener("click", () => {
    sessionStorage.setItem(PAUSED, isPaused() ? "0" : "1");
    show();
    if (!isPaused()) { clearTimeout(timer); tick(); }
  });
  show();
  timer = setTimeout(tick, wait);
})();
