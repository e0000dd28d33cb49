// A canvas as sharp as the screen, in the colour and the type of the page around it.

/** The drawing of one canvas: its context, its size (CSS px), the height of its letters and the colour of text. */
export class Sheet {
  #canvas;

  constructor(canvas) {
    this.#canvas = canvas;
    this.context = canvas.getContext("2d");
  }

  /** An empty sheet of the canvas's present size. `false` while the canvas is not shown. */
  clear() {
    const { clientWidth: width, clientHeight: height } = this.#canvas;
    if (width === 0 || height === 0) return false;
    const ratio = globalThis.devicePixelRatio || 1;
    const [wide, high] = [Math.round(width * ratio), Math.round(height * ratio)];
    // Setting the size clears the canvas and all of its state, at a cost.
    if (this.#canvas.width !== wide || this.#canvas.height !== high) {
      this.#canvas.width = wide;
      this.#canvas.height = high;
    }
    this.context.setTransform(ratio, 0, 0, ratio, 0, 0);
    this.context.clearRect(0, 0, width, height);
    const style = getComputedStyle(this.#canvas);
    this.em = parseFloat(style.fontSize);
    this.ink = style.color;
    this.paper = style.backgroundColor;
    this.font = `${style.fontSize} ${style.fontFamily}`;
    this.context.font = this.font;
    this.context.textBaseline = "middle";
    Object.assign(this, { width, height });
    return true;
  }

  /**
   * A straight line.
   * @param {number[]} from x and y
   * @param {number[]} to x and y
   * @param {object} look colour (the ink), alpha (1), width (1), dash (none)
   */
  line(from, to, { colour = this.ink, alpha = 1, width = 1, dash = [] } = {}) {
    const { context } = this;
    context.globalAlpha = alpha;
    context.strokeStyle = colour;
    context.lineWidth = width;
    context.setLineDash(dash);
    context.beginPath();
    context.moveTo(...from);
    context.lineTo(...to);
    context.stroke();
    context.globalAlpha = 1;
  }

  /** A filled rectangle. */
  area(x, y, width, height, colour, alpha = 1) {
    this.context.globalAlpha = alpha;
    this.context.fillStyle = colour;
    this.context.fillRect(x, y, width, height);
    this.context.globalAlpha = 1;
  }

  /** The width of a text (px). */
  measure(text, bold = false) {
    this.context.font = bold ? `600 ${this.font}` : this.font;
    return this.context.measureText(text).width;
  }

  /**
   * A text, centred on `y`.
   * @param {object} look align ("left"), alpha (1), bold (false), halo (false): paper around the letters
   */
  text(text, x, y, { align = "left", alpha = 1, bold = false, halo = false } = {}) {
    const { context } = this;
    context.textAlign = align;
    context.font = bold ? `600 ${this.font}` : this.font;
    if (halo) {
      context.strokeStyle = this.paper;
      context.lineWidth = 4;
      context.lineJoin = "round";
      context.setLineDash([]);
      context.strokeText(text, x, y);
    }
    context.globalAlpha = alpha;
    context.fillStyle = this.ink;
    context.fillText(text, x, y);
    context.globalAlpha = 1;
  }
}
