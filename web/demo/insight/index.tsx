import { type FormEvent, useCallback, useEffect, useRef, useState } from "react";
import { type Figures, readFigures, typesOf } from "./figures";
import { dayOf } from "./format";
import { Funnels } from "./funnels";
import { HeldBars } from "./held-bars";
import { Times } from "./times";
import { type InsightWords, wordsOf } from "./words";
import "./insight.css";

type Days = Partial<Pick<Figures, "from" | "to">>;

const words = wordsOf(new URLSearchParams(location.search).get("lang"));

/** The page `?insight`: what became of the events of some days, as plots, each with its table. */
export function Insight() {
  const [figures, setFigures] = useState<Figures | null>(null);
  const [problem, setProblem] = useState("");
  const [busy, setBusy] = useState(true);
  const [today, setToday] = useState(""); // by the stack's clock, which somebody may move
  const latest = useRef(0);

  const read = useCallback(async (days: Days) => {
    const turn = ++latest.current;
    const isLatest = () => turn === latest.current;
    setBusy(true);
    try {
      const found = await readFigures(days);
      if (!isLatest()) return;
      setFigures(found);
      setProblem("");
      if (!days.to) setToday(found.to);
    } catch (error) {
      if (isLatest()) setProblem(error instanceof Error ? error.message : String(error));
    }
    if (isLatest()) setBusy(false);
  }, []);

  useEffect(() => {
    document.documentElement.lang = words.locale;
    document.title = `${words.title} – Tidings`;
    void read({});
  }, [read]);

  const none = figures !== null && figures.rows.length === 0;
  return (
    <div className="d-page i-page">
      <Head />
      <main>
        <SpanForm figures={figures} today={today} onShow={read} />
        <p role="status" className="d-quiet" data-testid="insight-status" aria-busy={busy}>
          {busy ? words.loading : figures && !problem && statusOf(figures)}
        </p>
        {problem && (
          <div className="d-card i-none" role="alert" data-testid="insight-problem">
            <h2>{words.failed}</h2>
            <p>{problem}</p>
            <Again onPress={() => void read({})} />
          </div>
        )}
        {none && !problem && (
          <div className="d-card i-none" data-testid="insight-none">
            <h2>{words.nothing.title}</h2>
            <p>{words.nothing.text}</p>
            <p>
              <a href="?">{words.nothing.demo}</a>
            </p>
            <Again onPress={() => void read({})} />
          </div>
        )}
        {figures && !none && (
          <div className="i-plots">
            <Funnels figures={figures} words={words} />
            <HeldBars figures={figures} words={words} />
            <Times figures={figures} words={words} />
          </div>
        )}
      </main>
    </div>
  );
}

function statusOf({ rows, from, to }: Figures): string {
  return words.loaded(typesOf(rows).length, dayOf(words.locale, from), dayOf(words.locale, to));
}

function Head() {
  return (
    <header className="d-top">
      <h1>{words.title}</h1>
      <p>{words.text}</p>
      <nav>
        <a href="?">{words.back}</a>
        <a href={words.locale === "de" ? "?insight" : "?insight&lang=de"} lang={words.locale === "de" ? "en" : "de"}>
          {words.other}
        </a>
      </nav>
    </header>
  );
}

function Again({ onPress }: { readonly onPress: () => void }) {
  return (
    <button type="button" className="d-button" data-testid="insight-again" onClick={onPress}>
      {words.again}
    </button>
  );
}

const spans = [1, 7, 31] as const; // days
const day = 86_400_000; // ms

interface SpanFormProps {
  readonly figures: Figures | null;
  readonly today: string;
  readonly onShow: (days: Days) => Promise<void>;
}

/** Which days: some usual spans until today, or any. */
function SpanForm({ figures, today, onShow }: SpanFormProps) {
  const { span }: InsightWords = words;
  const form = useRef<HTMLFormElement>(null);

  function submit(event: FormEvent<HTMLFormElement>) {
    event.preventDefault();
    const said = new FormData(event.currentTarget);
    void onShow({ from: String(said.get("from")), to: String(said.get("to")) });
  }

  function last(days: number) {
    void onShow({ from: new Date(Date.parse(today) - (days - 1) * day).toISOString().slice(0, 10), to: today });
  }

  return (
    // What is shown is what the fields begin with.
    <form ref={form} key={`${figures?.from} ${figures?.to}`} className="i-span" onSubmit={submit}>
      <fieldset>
        <legend className="td-hidden">{span.legend}</legend>
        {spans.map(days => (
          <button
            key={days}
            type="button"
            className="d-button"
            data-testid={`span-${days}`}
            disabled={!today}
            onClick={() => last(days)}
          >
            {span.last(days)}
          </button>
        ))}
        <label>
          {span.from} <input type="date" name="from" required data-testid="span-from" defaultValue={figures?.from} />
        </label>
        <label>
          {span.to} <input type="date" name="to" required data-testid="span-to" defaultValue={figures?.to} />
        </label>
        <button type="submit" className="d-button" data-testid="span-show">
          {span.show}
        </button>
      </fieldset>
    </form>
  );
}
