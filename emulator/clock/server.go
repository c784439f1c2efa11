package clock

import (
	"encoding/json"
	"net/http"
	"time"
)

type reading struct {
	Now    time.Time `json:"now"`
	Offset string    `json:"offset"` // as time.ParseDuration reads it: "6m0s"
}

// Handler serves the clock to people, tests and the demo in a browser:
//
//	GET  /         the time and the offset to the system's clock
//	POST /advance  {"by": "6m"}: moves the clock and answers as GET does
func (c *Clock) Handler() http.Handler {
	mux := http.NewServeMux()
	// client: the demo and tests.
	mux.HandleFunc("GET /{$}", func(w http.ResponseWriter, r *http.Request) { c.answer(w) })
	// client: the demo and tests.
	mux.HandleFunc("POST /advance", func(w http.ResponseWriter, r *http.Request) {
		var in struct {
			By string `json:"by"`
		}
		if err := json.NewDecoder(http.MaxBytesReader(w, r.Body, 1024)).Decode(&in); err != nil {
			http.Error(w, `expected a body like {"by": "6m"}: `+err.Error(), http.StatusBadRequest)
			return
		}
		by, err := time.ParseDuration(in.By)
		if err != nil {
			http.Error(w, `"by" is a Go duration such as "6m" or "168h": `+err.Error(), http.StatusBadRequest)
			return
		}
		if err := c.Advance(by); err != nil {
			http.Error(w, err.Error(), http.StatusBadRequest)
			return
		}
		c.answer(w)
	})
	return mux
}

func (c *Clock) answer(w http.ResponseWriter) {
	w.Header().Set("Content-Type", "application/json")
	offset := c.Offset()
	// The client's hanging up is the only way this can fail.
	_ = json.NewEncoder(w).Encode(reading{Now: time.Now().Round(0).Add(offset).UTC(), Offset: offset.String()})
}
