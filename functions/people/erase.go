package people

import (
	"errors"
	"net/http"
	"time"

	"tidings.dev/shared/problem"
	"tidings.dev/shared/store"
)

// eraseTime is how long a call works: it answers before its deadline of 60 s. What is left, the due function does.
const eraseTime = 40 * time.Second

// erase begins to erase a person, or goes on with it: 202 with the receipt so far. It works until everything has been gone through once. The second round is
// for what was on its way, and comes later by itself.
func (fn *function) erase(w http.ResponseWriter, r *http.Request, uid string) error {
	eraser := store.Eraser{Store: fn.Store, Words: fn.Catalog.Say, Now: fn.Now}
	receipt, err := eraser.Erase(r.Context(), uid, time.Now().Add(eraseTime))
	if err != nil {
		return unavailable(w, err)
	}
	return receipted(w, receipt)
}

// erased answers the receipt of the last erasure.
func (fn *function) erased(w http.ResponseWriter, r *http.Request, uid string) error {
	receipt, err := fn.Store.Erasure(r.Context(), uid)
	if errors.Is(err, store.ErrNotFound) {
		return problem.New(http.StatusNotFound, "nobody has erased %.100q in the last 90 days; DELETE /v1/people/{uid} does", uid)
	}
	if err != nil {
		return unavailable(w, err)
	}
	return receipted(w, receipt)
}

// receipted answers 200 with the receipt of an erasure that has finished, and 202 with what it is so far.
func receipted(w http.ResponseWriter, receipt store.Erasure) error {
	if receipt.FinishedAt.IsZero() {
		w.Header().Set("Retry-After", "60")
		return problem.JSON(w, http.StatusAccepted, receipt)
	}
	return problem.JSON(w, http.StatusOK, receipt)
}
