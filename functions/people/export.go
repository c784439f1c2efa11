package people

import (
	"bufio"
	"encoding/json"
	"errors"
	"fmt"
	"net/http"
	"time"

	"tidings.dev/shared/problem"
	"tidings.dev/shared/store"
)

// exportTime is how long a call exports: it ends its file before its deadline of 60 s, and says where the next one goes on.
const exportTime = 40 * time.Second

// export streams one JSON file with a document a line. A download that breaks off goes on with ?after= and the name of the last document that came.
func (fn *function) export(w http.ResponseWriter, r *http.Request, uid string) error {
	out := bufio.NewWriterSize(w, 64<<10)
	begun := false
	begin := func() {
		w.Header().Set("Content-Type", "application/json")
		head, _ := json.Marshal(map[string]any{"format": store.ExportFormat, "uid": uid, "exportedAt": fn.Now().UTC()}) // texts and a time always can be written
		_, _ = out.Write(head[:len(head)-1])
		_, _ = out.WriteString(`,"documents":[`)
		begun = true
	}
	next, err := fn.Store.Export(r.Context(), uid, r.URL.Query().Get("after"), time.Now().Add(exportTime), func(document []byte) error {
		separator := ",\n"
		if !begun {
			begin()
			separator = "\n"
		}
		_, _ = out.WriteString(separator)
		_, err := out.Write(document)
		return err
	})
	switch {
	case err != nil && begun: // the status is out: the connection breaks, and nobody takes the file for a whole one
		fn.Log.ErrorContext(r.Context(), "export", "error", err.Error())
		panic(http.ErrAbortHandler)
	case errors.Is(err, store.ErrCursor):
		return problem.New(http.StatusBadRequest, "after: is not where an export of this person goes on; the name of one of its documents, or its \"next\", was expected")
	case err != nil:
		return unavailable(w, err)
	case !begun:
		begin()
	}
	end, _ := json.Marshal(next)
	_, _ = fmt.Fprintf(out, "\n],\"next\":%s}\n", end)
	return out.Flush()
}
