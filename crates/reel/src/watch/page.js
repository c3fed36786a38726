// Keeps the page fresh: listens to the server, swaps film and panels, keeps the place in the film.
"use strict";
(() => {
  const line = document.getElementById("line");
  const board = document.getElementById("board");
  const screen = document.getElementById("screen");
  let version = null, film = null;

  function player() { return document.getElementById("film"); }

  function show(name, captions, drawn) {
    const old = player();
    if (old && old.getAttribute("src") === "/file/" + name) return;
    const at = old ? old.currentTime : 0, playing = old && !old.paused && !old.ended;
    const volume = old ? old.volume : 1, muted = old ? old.muted : false;
    const next = document.createElement("video");
    next.id = "film"; next.controls = true; next.preload = "auto"; next.playsInline = true;
    next.volume = volume; next.muted = muted;
    next.src = "/file/" + name;
    const track = document.createElement("track");
    track.kind = "captions"; track.label = "captions"; track.srclang = "en"; track.default = !drawn;
    track.src = "/file/" + captions;
    next.append(track);
    next.addEventListener("loadedmetadata", () => {
      next.currentTime = Math.max(0, Math.min(at, next.duration - 0.1));
    }, { once: true });
    // The old picture stays until the new one has something to show.
    next.addEventListener("loadeddata", () => {
      if (film !== null && film !== name) return;
      screen.replaceChildren(next);
      if (playing) next.play().catch(() => {});
      mark();
    }, { once: true });
    next.addEventListener("timeupdate", mark);
    if (!old) screen.replaceChildren(next);
  }

  function mark() {
    const video = player();
    if (!video) return;
    for (const panel of board.querySelectorAll("article")) {
      panel.classList.toggle("now", video.currentTime >= Number(panel.dataset.start) && video.currentTime < Number(panel.dataset.end));
    }
  }

  async function refresh() {
    const answer = await fetch("/board");
    if (!answer.ok) return;
    const place = window.scrollY;
    const parts = document.createElement("template");
    parts.innerHTML = await answer.text();
    document.getElementById("trouble").replaceChildren(...parts.content.querySelectorAll(".trouble"));
    board.replaceChildren(parts.content);
    window.scrollTo(0, place);
    const about = board.querySelector(".about");
    if (about) {
      document.getElementById("title").textContent = about.dataset.title;
      document.title = about.dataset.title + " · watch";
      document.body.classList.toggle("tall", about.dataset.tall === "true");
    }
    mark();
  }

  board.addEventListener("click", (event) => {
    const id = event.target.closest("button.id");
    if (id) {
      const text = id.textContent;
      const said = (word) => { id.dataset.said = word; setTimeout(() => { delete id.dataset.said; }, 1200); };
      navigator.clipboard.writeText(text).then(() => said("copied"), () => {
        window.getSelection().selectAllChildren(id);
        said("selected");
      });
      return;
    }
    const panel = event.target.closest("article"), video = player();
    if (panel && video && event.target.tagName === "IMG") video.currentTime = Number(panel.dataset.start);
  });
  if (player()) player().addEventListener("timeupdate", mark);

  const source = new EventSource("/events");
  source.onmessage = (message) => {
    const now = JSON.parse(message.data);
    line.textContent = now.line;
    line.className = now.mood;
    if (now.film && now.film !== film) { film = now.film; show(now.film, now.captions, now.drawn); }
    if (now.version !== version) { version = now.version; refresh(); }
  };
  source.onerror = () => {
    line.textContent = "reel watch has ended; this is its last draft";
    line.className = "off";
  };
})();
