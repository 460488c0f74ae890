// SPDX-License-Identifier: GPL-2.0-only
"use strict";
// Every number that sorts stands in data-v of its cell; what is unknown has none and stays last.
(() => {
	const all = (where, what) => Array.from(where.querySelectorAll(what));

	function value(item, column) {
		const cell = item.rows[0].cells[column];
		const v = cell.dataset.v;
		return v === undefined ? null : cell.dataset.n === undefined ? v.toLowerCase() : Number(v);
	}

	function sort(table, th, column) {
		const down = th.getAttribute("aria-sort") === "descending" ? 1 : -1;
		const left = th.classList.contains("left") && !th.hasAttribute("aria-sort") ? 1 : down;
		const items = all(table, ":scope > tbody.item").map((e, i) => ({ e, i, v: value(e, column) }));

		items.sort((a, b) => (a.v === null) - (b.v === null) || left * ((a.v > b.v) - (a.v < b.v)) || a.i - b.i);
		for (const x of all(table, ":scope > thead > tr:last-child > th"))
			x.removeAttribute("aria-sort");
		th.setAttribute("aria-sort", left > 0 ? "ascending" : "descending");
		table.append(...items.map(x => x.e));
	}

	function fold(item, open) {
		const button = item.querySelector("button.fold");

		item.querySelector("tr.more").hidden = !open;
		button.textContent = open ? "\u25be" : "\u25b8";
		button.setAttribute("aria-expanded", Boolean(open));
	}

	for (const table of all(document, ".scroll > table")) {
		all(table, ":scope > thead > tr:last-child > th").forEach((th, column) => {
			const button = document.createElement("button");
			button.type = "button";
			button.append(...th.childNodes);
			th.append(button);
			button.addEventListener("click", () => sort(table, th, column));
		});
		// what is marked is what to look at
		const items = all(table, ":scope > tbody.item").filter(e => e.querySelector("tr.more"));
		const first_open = items.find(e => e.rows[0].querySelector("td.mark")) || items[0];
		all(table, ":scope > tbody.item").forEach(item => {
			const more = item.querySelector("tr.more"), first = item.rows[0].cells[0];
			const mark = document.createElement(more ? "button" : "span");
			mark.className = "fold";
			first.prepend(mark);
			if (!more)
				return;
			mark.type = "button";
			mark.setAttribute("aria-label", "details of " + item.dataset.name);
			mark.addEventListener("click", () => fold(item, more.hidden));
			fold(item, item === first_open || more.querySelector("[data-kind=anomaly]"));
		});
	}

	for (const section of all(document, "section[id]")) {
		const link = document.createElement("a");
		link.href = "#" + section.id;
		link.textContent = section.id;
		section.classList.toggle("empty", section.id !== "findings" && !section.querySelector("tbody.item"));
		link.classList.toggle("empty", section.classList.contains("empty"));
		document.getElementById("views").append(link);
	}

	const box = document.getElementById("search"), hits = document.getElementById("hits");
	function search() {
		const words = box.value.toLowerCase().split(/\s+/).filter(w => w);
		let shown = 0;
		for (const item of all(document, "tbody.item")) {
			const text = item.textContent.toLowerCase();
			item.hidden = !words.every(w => text.includes(w));
			shown += !item.hidden;
		}
		hits.textContent = words.length ? shown + (shown === 1 ? " row" : " rows") : "";
	}
	box.addEventListener("input", search);
	document.addEventListener("keydown", e => {
		if (e.key === "/" && document.activeElement !== box && !e.ctrlKey && !e.metaKey && !e.altKey) {
			e.preventDefault();
			box.focus();
		} else if (e.key === "Escape" && document.activeElement === box) {
			box.value = "";
			search();
		}
	});
	document.body.classList.add("ready");
})();
