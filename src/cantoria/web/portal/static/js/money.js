// The explorers of /explore: the JSON twins drawn by the custom build of ECharts, with a table and a sentence beside.
"use strict";
(() => {
  const AGAIN_MS = 3000;
  const AGAIN_MAX = 100;
  const drawn = new Map();

  const colour = (name) => {
    const probe = document.createElement("span");
    probe.hidden = true;
    probe.style.color = `var(--${name})`;
    document.body.append(probe);
    const found = getComputedStyle(probe).color;
    probe.remove();
    return found;
  };

  const look = () => ({
    ink: colour("ink"),
    muted: colour("muted"),
    line: colour("line"),
    card: colour("card"),
    accent: colour("accent"),
    soft: colour("accent-soft"),
    cleared: colour("cleared"),
    licensable: colour("licensable"),
    denied: colour("denied"),
    unknown: colour("unknown"),
  });

  const filled = (text, ...values) => values.reduce((said, value) => said.replace("{}", value), text);
  const grouped = (language, value) => new Intl.NumberFormat(language).format(value);

  // An exact decimal text with this language's groups; no digit is lost.
  const money = (language, one) => {
    const digits = one.amount.split(".")[1]?.length ?? 0;
    const form = new Intl.NumberFormat(language, { minimumFractionDigits: digits, maximumFractionDigits: digits });
    return `${form.format(one.amount)} ${one.currency}`;
  };

  const table = (kind, heads, rows) => {
    const place = document.querySelector(`[data-table="${kind}"]`);
    if (!place) return;
    const made = document.createElement("table");
    const head = made.createTHead().insertRow();
    for (const text of heads) {
      const cell = document.createElement("th");
      cell.scope = "col";
      cell.textContent = text;
      head.append(cell);
    }
    const body = made.createTBody();
    for (const row of rows) {
      const line = body.insertRow();
      row.forEach((text, at) => {
        const cell = document.createElement(at ? "td" : "th");
        if (!at) cell.scope = "row";
        cell.textContent = text;
        line.append(cell);
      });
    }
    place.replaceChildren(made);
  };

  const say = (kind, text) => {
    const place = document.querySelector(`[data-say="${kind}"]`);
    if (place) place.textContent = text;
  };

  const tooltip = (paint) => ({
    renderMode: "richText",
    confine: true,
    backgroundColor: paint.card,
    borderColor: paint.line,
    textStyle: { color: paint.ink },
  });

  const axis = (paint, more) => ({
    axisLabel: { color: paint.muted },
    axisLine: { lineStyle: { color: paint.muted } },
    splitLine: { lineStyle: { color: paint.line } },
    nameTextStyle: { color: paint.muted },
    ...more,
  });

  const zoom = (paint) => [
    { type: "inside", xAxisIndex: 0 },
    { type: "slider", xAxisIndex: 0, height: 22, bottom: 8, textStyle: { color: paint.muted }, borderColor: paint.line },
  ];

  const growth = (value, words, paint, language) => {
    const found = value.growth;
    say("growth", filled(words.say, grouped(language, found.families.length), grouped(language, found.sizes.length)));
    return {
      aria: { enabled: true, decal: { show: true } },
      tooltip: { ...tooltip(paint), trigger: "axis" },
      legend: { type: "scroll", top: 0, textStyle: { color: paint.ink }, pageTextStyle: { color: paint.ink } },
      grid: { left: 64, right: 16, top: 44, bottom: 76 },
      dataZoom: zoom(paint),
      xAxis: axis(paint, {
        type: "category",
        data: found.sizes.map((size) => grouped(language, size)),
        name: words.size,
        nameLocation: "middle",
        nameGap: 28,
      }),
      yAxis: axis(paint, { type: "value" }),
      series: found.families.map((one) => ({
        type: "bar",
        stack: "facts",
        name: words.rooms[one.room] ?? one.room,
        data: one.counts,
        emphasis: { focus: "series" },
      })),
    };
  };

  const coverage = (value, words, paint, language, chosen) => {
    const map = value.map;
    const status = chosen || "cleared";
    const place = new Intl.DisplayNames([language], { type: "region", fallback: "code" });
    const named = (code) => (/^[A-Z]{2}$/.test(code) ? place.of(code) : code);
    const uses = map.uses ?? [];
    const cells = map.cells.map((one) => [map.territories.indexOf(one.territory), uses.indexOf(one.use), one.percent[status]]);
    say("coverage", filled(words.say, grouped(language, map.rows), grouped(language, map.size)));
    const names = Object.keys(words.statuses);
    table(
      "coverage",
      [words.use, words.territory, ...names.map((name) => words.statuses[name])],
      map.cells.map((one) => [words.uses[one.use], named(one.territory), ...names.map((name) => grouped(language, one[name]))]),
    );
    const narrow = window.innerWidth < 640;
    return {
      aria: { enabled: true },
      tooltip: {
        ...tooltip(paint),
        formatter: (at) => `${words.uses[uses[at.value[1]]]}, ${named(map.territories[at.value[0]])}: ${at.value[2]} %`,
      },
      grid: { left: narrow ? 120 : 230, right: 16, top: 12, bottom: 108 },
      dataZoom: zoom(paint),
      visualMap: {
        min: 0,
        max: 100,
        orient: "horizontal",
        left: "center",
        bottom: 42,
        itemHeight: 110,
        itemWidth: 14,
        text: ["100 %", "0 %"],
        textStyle: { color: paint.muted },
        inRange: { color: [paint.card, paint[status]] },
      },
      xAxis: axis(paint, { type: "category", data: map.territories.map(named) }),
      yAxis: axis(paint, {
        type: "category",
        data: uses.map((use) => words.uses[use]),
        inverse: true,
        axisLabel: { color: paint.muted, width: narrow ? 108 : 215, overflow: "break" },
      }),
      series: [
        {
          type: "heatmap",
          data: cells,
          label: {
            show: true,
            formatter: (at) => `${at.value[2]} %`,
            color: paint.ink,
            textBorderColor: paint.card,
            textBorderWidth: 3,
          },
          itemStyle: { borderColor: paint.line, borderWidth: 1 },
        },
      ],
    };
  };

  const streams = (value, words, currency) => {
    const links = new Map();
    const add = (source, target, one) => {
      const key = `${source}\n${target}`;
      const known = links.get(key) ?? { source, target, fine: 0n };
      known.fine += BigInt(one.fine);
      links.set(key, known);
    };
    for (const pool of value.pools) {
      if (pool.total_in.currency !== currency) continue;
      const name = `${pool.source_name || pool.source}, ${words.pools[pool.name] ?? pool.name}, ${pool.label}`;
      add(pool.source_name || pool.source, name, pool.total_in);
      let kept = BigInt(pool.holders.fine);
      for (const one of pool.named) {
        const waits = words.waiting[one.holder];
        if (one.holder === "joint_fund") kept -= BigInt(one.sum.fine);
        add(name, waits ?? words[one.holder] ?? one.holder, one.sum);
      }
      add(name, words.holders, { fine: kept.toString() });
    }
    return [...links.values()].filter((one) => one.fine > 0n);
  };

  // Fine units as exact decimal text, by the places that the twin's own amounts have.
  const decimal = (fine, places) => {
    const digits = fine.toString().padStart(places + 1, "0");
    const whole = digits.slice(0, digits.length - places);
    const part = digits.slice(digits.length - places).replace(/0+$/, "");
    return part ? `${whole}.${part}` : whole;
  };

  const flow = (value, words, paint, language, chosen) => {
    const choice = document.querySelector('[data-choose="money"]');
    const currencies = value.sums.map((one) => one.currency);
    const currency = currencies.includes(chosen) ? chosen : currencies[0];
    if (choice && choice.options.length !== currencies.length) {
      choice.replaceChildren(...currencies.map((one) => new Option(one, one)));
      choice.value = currency;
    }
    const all = value.sums.find((one) => one.currency === currency);
    if (!all) return null;
    const places = all.places;
    const text = (fine) => money(language, { amount: decimal(fine, places), currency });
    const links = streams(value, words, currency);
    say("money", filled(words.say, money(language, all.total_in), money(language, all.holders)));
    table("money", [words.from, words.to, words.amount], links.map((one) => [one.source, one.target, text(one.fine)]));
    const nodes = [...new Set(links.flatMap((one) => [one.source, one.target]))];
    const narrow = window.innerWidth < 640;
    return {
      aria: { enabled: true },
      tooltip: {
        ...tooltip(paint),
        formatter: (at) =>
          at.dataType === "edge" ? `${at.data.source} → ${at.data.target}\n${text(at.data.fine)}` : at.name,
      },
      series: [
        {
          type: "sankey",
          left: 8,
          right: narrow ? 96 : 190,
          top: 12,
          bottom: 12,
          nodeGap: 14,
          data: nodes.map((name) => ({ name })),
          links: links.map((one) => ({ ...one, value: Number(one.fine) })),
          label: { color: paint.ink, textBorderColor: paint.card, textBorderWidth: 3, width: narrow ? 90 : 180, overflow: "break" },
          lineStyle: { color: "gradient", opacity: 0.45 },
          emphasis: { focus: "adjacency" },
        },
      ],
    };
  };

  const MAKERS = { growth, coverage, money: flow };

  const draw = (place) => {
    const kept = drawn.get(place);
    const kind = place.dataset.explorer;
    const choice = document.querySelector(`[data-choose="${kind}"]`);
    const option = MAKERS[kind](kept.value, kept.words, look(), place.dataset.language, choice?.value);
    if (!option) return;
    kept.chart ??= window.echarts.init(place, null, { renderer: "svg" });
    kept.chart.setOption(
      { animation: !matchMedia("(prefers-reduced-motion: reduce)").matches, animationDuration: 300, ...option },
      { notMerge: true },
    );
  };

  const load = async (place, tries = 0) => {
    const words = JSON.parse(place.dataset.words);
    const answer = await fetch(place.dataset.twin, { headers: { accept: "application/json" } });
    if (!answer.ok) return;
    const value = await answer.json();
    if (value.ready === false) {
      if (words.making) say(place.dataset.explorer, words.making);
      if (tries < AGAIN_MAX) setTimeout(() => load(place, tries + 1), AGAIN_MS);
      return;
    }
    drawn.set(place, { value, words, chart: null });
    draw(place);
  };

  // Zoom and move by the keyboard, as the mouse does.
  const STEPS = { "+": [5, -5], "=": [5, -5], "-": [-5, 5], ArrowLeft: [-5, -5], ArrowRight: [5, 5] };
  const keyed = (event) => {
    const step = STEPS[event.key];
    const chart = drawn.get(event.currentTarget)?.chart;
    const zoomed = chart?.getOption().dataZoom?.[0];
    if (!step || !zoomed) return;
    const start = Math.min(95, Math.max(0, zoomed.start + step[0]));
    const end = Math.max(start + 5, Math.min(100, zoomed.end + step[1]));
    chart.dispatchAction({ type: "dataZoom", start, end });
    event.preventDefault();
  };

  const again = () => drawn.forEach((_, place) => draw(place));
  for (const place of document.querySelectorAll("[data-explorer]")) {
    place.addEventListener("keydown", keyed);
    load(place);
  }
  for (const choice of document.querySelectorAll("[data-choose]")) choice.addEventListener("change", again);
  new ResizeObserver(() => drawn.forEach((kept) => kept.chart?.resize())).observe(document.body);
  matchMedia("(prefers-color-scheme: dark)").addEventListener("change", again);
  new MutationObserver(again).observe(document.documentElement, { attributes: true, attributeFilter: ["data-theme"] });
})();
