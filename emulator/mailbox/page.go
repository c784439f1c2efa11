package mailbox

import (
	"encoding/json"
	"html/template"
	"net/http"
	"slices"
)

var list = template.Must(template.New("list").Parse(`<!doctype html>
<html lang="en">
<meta charset="utf-8">
<meta name="viewport" content="width=device-width">
<title>Mailbox</title>
<style>
:root { color-scheme: light dark; }
body { max-width: 760px; margin: 32px auto; padding: 0 16px; font: 15px/1.5 system-ui, sans-serif; }
summary { cursor: pointer; padding: 10px 0; border-bottom: 1px solid color-mix(in srgb, currentColor 15%, transparent); }
summary small { opacity: .7; }
iframe { width: 100%; height: 620px; border: 0; margin: 8px 0; }
pre { white-space: pre-wrap; overflow-wrap: anywhere; }
</style>
<h1>Mailbox</h1>
{{range .}}<details><summary><strong>{{.Subject}}</strong><br><small>to {{range .To}}{{.}} {{end}} · {{.At.Format "2006-01-02 15:04:05 MST"}} · {{if .Signed}}signed{{else}}not signed{{end}}</small></summary>
<iframe sandbox="allow-popups allow-popups-to-escape-sandbox" srcdoc="{{.HTML}}" title="{{.Subject}}"></iframe>
<details><summary>Plain text</summary><pre>{{.Text}}</pre></details>
</details>
{{else}}<p>No mails yet.</p>{{end}}
</html>
`))

// Handler shows what was taken.
func (s *Server) Handler() http.Handler {
	mux := http.NewServeMux()
	// client: tests and scripts; ?to= is whose.
	mux.HandleFunc("GET /messages", func(w http.ResponseWriter, r *http.Request) {
		w.Header().Set("Content-Type", "application/json")
		_ = json.NewEncoder(w).Encode(s.Messages(r.URL.Query().Get("to"))) // fails only if the client has hung up
	})
	mux.HandleFunc("DELETE /messages", func(w http.ResponseWriter, _ *http.Request) {
		s.Forget()
		w.WriteHeader(http.StatusNoContent)
	})
	// client: somebody who looks at the demo. The latest mail is the first one.
	mux.HandleFunc("GET /{$}", func(w http.ResponseWriter, _ *http.Request) {
		all := s.Messages("")
		slices.Reverse(all)
		w.Header().Set("Content-Type", "text/html; charset=utf-8")
		_ = list.Execute(w, all) // likewise
	})
	return mux
}
