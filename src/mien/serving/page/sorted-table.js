// A table that sorts by the buttons in its head. Rows beyond a number are counted, not shown.

import { element } from "./dom.js";

const MOST_ROWS = 500;

const { compare: compareText } = new Intl.Collator("en", { numeric: true });
const compare = (one, other) => (typeof one === "number" ? one - other : compareText(one, other));

/**
 * @typedef {object} Column
 * @property {string} key Of the value by which rows are sorted; `data-sort` of the button in the head.
 * @property {(row: any) => Node | string} cell
 * @property {string} [className]
 * @property {boolean} [falls] The first click sorts from high to low.
 */

export class SortedTable {
  /**
   * @param {HTMLTableElement} table With a caption, a head and a body.
   * @param {Column[]} columns
   * @param {{noun: string, onRow?: (row: any) => void}} options
   */
  constructor(table, columns, { noun, onRow }) {
    this.table = table;
    this.columns = columns;
    this.noun = noun;
    this.onRow = onRow;
    this.sort = { key: columns.find((column) => column.key).key, down: false };
    this.rows = [];
    this.total = 0;
    for (const button of this.buttons) button.onclick = () => this.sortBy(button.dataset.sort);
  }

  get buttons() {
    return /** @type {HTMLButtonElement[]} */ ([...this.table.querySelectorAll("[data-sort]")]);
  }

  sortBy(key) {
    const falls = Boolean(this.columns.find((column) => column.key === key).falls);
    this.sort = { key, down: this.sort.key === key ? !this.sort.down : falls };
    this.show(this.rows, this.total);
  }

  /** Shows some of `total` rows. */
  show(rows, total) {
    const { key, down } = this.sort;
    this.rows = [...rows].sort((one, other) => (down ? -1 : 1) * compare(one[key], other[key]));
    this.total = total;
    for (const button of this.buttons) {
      const state = button.dataset.sort === key ? (down ? "descending" : "ascending") : "none";
      button.closest("th").setAttribute("aria-sort", state);
    }
    const more = rows.length > MOST_ROWS ? `; the first ${MOST_ROWS} are shown, the files have all` : "";
    this.table.caption.textContent =
      `${rows.length.toLocaleString("en")} of ${total.toLocaleString("en")} ${this.noun}${more}`;
    this.table.tBodies[0].replaceChildren(...this.rows.slice(0, MOST_ROWS).map((row) => this.element(row)));
  }

  element(row) {
    const cells = this.columns.map(({ cell, className = "" }) => element("td", { className }, cell(row)));
    const made = element("tr", {}, ...cells);
    if (this.onRow) made.onclick = () => this.onRow(row);
    return made;
  }
}
