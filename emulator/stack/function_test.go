//go:build unix

package stack_test

import (
	"encoding/json"
	"net/http"
	"os"
	"path/filepath"
	"strconv"
	"strings"
)

// function takes down its environment and each message. It refuses the message "poison", and each trigger's event once.
func function(out string) http.Handler {
	target := os.Getenv("FUNCTION_TARGET")
	env := strings.Join(os.Environ(), "\n")
	if err := os.WriteFile(filepath.Join(out, target+".env"), []byte(env), 0o600); err != nil {
		panic(err)
	}
	if err := os.WriteFile(filepath.Join(out, target+".pid"), []byte(strconv.Itoa(os.Getpid())), 0o600); err != nil {
		panic(err)
	}
	mux := http.NewServeMux()
	mux.HandleFunc("GET /health", func(http.ResponseWriter, *http.Request) {})
	mux.HandleFunc("POST /due", func(http.ResponseWriter, *http.Request) {
		if err := os.WriteFile(filepath.Join(out, "due.called"), nil, 0o600); err != nil {
			panic(err)
		}
	})
	mux.HandleFunc("POST /mirror/prune", func(http.ResponseWriter, *http.Request) {})
	if target == "due" {
		return mux
	}
	mux.HandleFunc("POST /"+target, func(w http.ResponseWriter, r *http.Request) {
		var in struct {
			Message struct{ Data []byte }
		}
		if document := r.Header.Get("Ce-Document"); document != "" {
			document = target + "." + strings.ReplaceAll(document, "/", "-")
			refused := filepath.Join(out, document+".refused")
			if os.Mkdir(refused, 0o700) == nil {
				http.Error(w, "at the second time only", http.StatusServiceUnavailable)
			} else if err := os.WriteFile(filepath.Join(out, document), nil, 0o600); err != nil {
				http.Error(w, err.Error(), http.StatusInternalServerError)
			}
			return
		}
		if err := json.NewDecoder(r.Body).Decode(&in); err != nil {
			http.Error(w, err.Error(), http.StatusBadRequest)
			return
		}
		if string(in.Message.Data) == "poison" && target == "notify" {
			http.Error(w, "indigestible", http.StatusInternalServerError)
			return
		}
		if err := os.WriteFile(filepath.Join(out, target+"."+string(in.Message.Data)), nil, 0o600); err != nil {
			http.Error(w, err.Error(), http.StatusInternalServerError)
		}
	})
	return mux
}
