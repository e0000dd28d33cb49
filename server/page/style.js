// How each transport and each layer looks: the same values as in the charts of the reports (reports/src/style.rs).
// A reader who cannot tell two colours apart can tell the markers, the dashes and the numbers of the layers apart.

/** Colour (palette of Okabe and Ito), dash (px drawn and left out in turn) and marker of each transport, in order. */
export const transports = {
  "polling": { colour: "#d55e00", dash: [2.5, 3], marker: "circle" },
  "long-polling": { colour: "#e69f00", dash: [6, 3], marker: "square" },
  "iframe-streaming": { colour: "#cc79a7", dash: [10, 3, 2.5, 3], marker: "triangle-up" },
  "sse": { colour: "#009e73", dash: [14, 4], marker: "diamond" },
  "fetch-streaming": { colour: "#56b4e9", dash: [10, 3, 2.5, 3, 2.5, 3], marker: "triangle-down" },
  "websocket": { colour: "#0072b2", dash: [], marker: "cross" },
};

/** Colour of each layer of the byte ledger, in its order. Its number in drawings is its place here, from 1. */
export const layers = {
  opening_handshake: "#3c3c3c",
  request_headers: "#d55e00",
  response_headers: "#e69f00",
  body_framing: "#cc79a7",
  event_framing: "#0072b2",
  control: "#009e73",
  payload: "#80c7ef",
  tls_handshake: "#6e6e6e",
  tls: "#999999",
  unclassified: "#b00020",
};

/** The ids of the layers in their order. */
export const layerIds = Object.keys(layers);

/** The number that stands for a layer where its name has no room. */
export function layerNumber(id) {
  return layerIds.indexOf(id) + 1;
}

/** Black or white: which of them can be read on this colour (`#rrggbb`). */
export function inkOn(colour) {
  const [red, green, blue] = [1, 3, 5].map((at) => parseInt(colour.slice(at, at + 2), 16));
  return 0.299 * red + 0.587 * green + 0.114 * blue > 125 ? "#1b1f24" : "#ffffff";
}

/**
 * The outline of a marker around 0,0 as path data, for SVG and for `Path2D`.
 * @param {string} shape a marker of `transports`
 * @param {number} r half of its height (px)
 */
export function markerPath(shape, r) {
  const arm = r * 0.38;
  switch (shape) {
    case "square":
      return polygon([[-r, -r], [r, -r], [r, r], [-r, r]], 0.85);
    case "triangle-up":
      return polygon([[0, -r], [r, r * 0.8], [-r, r * 0.8]], 1.1);
    case "triangle-down":
      return polygon([[0, r], [r, -r * 0.8], [-r, -r * 0.8]], 1.1);
    case "diamond":
      return polygon([[0, -r], [r, 0], [0, r], [-r, 0]], 1.2);
    case "cross":
      return polygon([
        [-arm, -r], [arm, -r], [arm, -arm], [r, -arm], [r, arm], [arm, arm],
        [arm, r], [-arm, r], [-arm, arm], [-r, arm], [-r, -arm], [-arm, -arm],
      ], 1.05);
    default:
      return `M${-r} 0A${r} ${r} 0 1 1 ${r} 0A${r} ${r} 0 1 1 ${-r} 0Z`;
  }
}

function polygon(corners, scale) {
  return `M${corners.map(([x, y]) => `${x * scale} ${y * scale}`).join("L")}Z`;
}
