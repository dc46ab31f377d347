/** What runs inside the page, as text: tests know no DOM. */

/** Markup of operable and pictorial elements without an accessible name. */
export const NAMELESS = `
[...document.querySelectorAll("button, a, input, select, summary, meter, progress, svg[role], [role=region]")]
  .filter((element) => {
    const labels = element.labels instanceof NodeList ? element.labels.length : 0;
    return labels === 0 && element.textContent.trim() === "" && element.getAttribute("aria-label") === null;
  })
  .map((element) => element.outerHTML)
`;

/** Contrast of every text with what lies behind it (WCAG 2.2, 1.4.3). */
export const CONTRASTS = `
(() => {
  const luminance = (color) => {
    const parts = color.match(/[\\d.]+/g).slice(0, 3).map((part) => Number(part) / 255);
    const [r, g, b] = parts.map((c) => (c <= 0.04045 ? c / 12.92 : ((c + 0.055) / 1.055) ** 2.4));
    return 0.2126 * r + 0.7152 * g + 0.0722 * b;
  };
  const behind = (element) => {
    for (let at = element; at !== null; at = at.parentElement) {
      const { backgroundColor } = getComputedStyle(at);
      if (backgroundColor !== "rgba(0, 0, 0, 0)") return backgroundColor;
    }
    return "rgb(255, 255, 255)";
  };
  return [...document.querySelectorAll("p, th, td, dt, dd, h2, summary, button, label, a:not(.skip)")]
    .filter((element) => element.textContent.trim() !== "")
    .map((element) => {
      const [a, b] = [luminance(getComputedStyle(element).color), luminance(behind(element))];
      return (Math.max(a, b) + 0.05) / (Math.min(a, b) + 0.05);
    });
})()
`;
