// The sign ▼ between the words of the soft keys: more stands below what the screen shows now.
const EDGE = 3; // pixels; what is left when lines do not come out even is no line

export function followMore({ e }) {
  const scrolled = [e.said, e.message, e.texts];
  const show = () => {
    const seen = scrolled.find((one) => one.offsetParent);
    const below = seen ? seen.scrollHeight - seen.scrollTop - seen.clientHeight : 0;
    e.more.classList.toggle("none", below <= EDGE);
  };
  const resized = new ResizeObserver(show);
  for (const one of scrolled) {
    one.addEventListener("scroll", show, { passive: true });
    resized.observe(one);
  }
  return show;
}
