// Package problem is how the functions answer when something is wrong: handlers return errors, and one adapter makes of
// each the HTTP status, an application/problem+json body (RFC 9457) and one line of log.
package problem

import (
	"encoding/json"
	"errors"
	"fmt"
	"log/slog"
	"net/http"
	"strings"
	"time"

	"tidings.dev/shared/event"
	"tidings.dev/shared/tasks"
)

// Problem is an error that a caller is to see. Everything else becomes a bare 500, with its text in the log only.
type Problem struct {
	Status int               `json:"status"`
	Title  string            `json:"title"`            // what kind of problem, the same each time
	Detail string            `json:"detail,omitempty"` // what happened, and what the caller can do
	Errors event.FieldErrors `json:"errors,omitempty"` // per field, where fields are wrong

	cause    error // for the log
	expected bool  // see Expected
}

func (p *Problem) Error() string {
	switch {
	case p.cause != nil:
		return p.Title + ": " + p.cause.Error()
	case len(p.Errors) > 0:
		return p.Title + ": " + p.Errors.Error()
	}
	return p.Title + ": " + p.Detail
}

// Unwrap is the cause, or what is wrong with the fields.
func (p *Problem) Unwrap() error {
	if p.cause == nil && len(p.Errors) > 0 {
		return p.Errors
	}
	return p.cause
}

// New is a problem of that status, with a detail for the caller.
func New(status int, format string, args ...any) *Problem {
	return &Problem{Status: status, Title: http.StatusText(status), Detail: fmt.Sprintf(format, args...)}
}

// Because adds what the log should know, and the caller should not.
func (p *Problem) Because(err error) *Problem {
	p.cause = err
	return p
}

// Expected says that the problem is part of normal work: "not before 10:00", "full, come again". The log then has it at INFO, also
// where its status is 5xx, so that it pages nobody.
func (p *Problem) Expected() *Problem {
	p.expected = true
	return p
}

// Handler is an HTTP handler that returns its error instead of writing it. After an error it has written nothing.
type Handler func(w http.ResponseWriter, r *http.Request) error

// Handle adapts h to net/http: its error becomes the answer, and one line of log. What went well is not logged: Cloud Run
// keeps a log of all requests anyway, and a line for each message would be a tenth of the subscriber's work.
func Handle(log *slog.Logger, h Handler) http.Handler {
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		start := time.Now()
		err := caught(h, w, r)
		if err == nil {
			return
		}
		p, level := of(err), slog.LevelInfo
		if p.Status >= 500 && !p.expected {
			level = slog.LevelError
		}
		p.write(w)
		log.Log(r.Context(), level, "request", "method", r.Method, "path", route(r), "status", p.Status,
			"duration_ms", time.Since(start).Milliseconds(), "error", event.ForLog(err))
	})
}

// caught makes a panic an error. The functions framework would print its text, which may be anybody's: here only what Go itself says of
// a mistake is logged, and where it was made.
func caught(h Handler, w http.ResponseWriter, r *http.Request) (err error) {
	defer func() {
		switch cause := recover(); cause {
		case nil:
		case http.ErrAbortHandler:
			panic(cause)
		default:
			err = tasks.Panic(cause)
		}
	}()
	return h(w, r)
}

// route is the pattern of the path that a request took; what a caller wrote where there is none is not logged.
func route(r *http.Request) string {
	if i := strings.IndexByte(r.Pattern, '/'); i >= 0 {
		return r.Pattern[i:]
	}
	return ""
}

// of is the problem that the error is to a caller.
func of(err error) *Problem {
	var p *Problem
	var fields event.FieldErrors
	switch {
	case errors.As(err, &p):
		return p
	case errors.As(err, &fields):
		return Fields(http.StatusBadRequest, "Invalid event", fields)
	}
	return New(http.StatusInternalServerError, "the fault is on our side; the same request can be sent again")
}

// maxFields is how many fields a problem names: an answer is to be no larger than what it answers.
const maxFields = 2 * event.MaxProblems

// Fields is a problem of that status with some fields of a request, the first ones where they are very many.
func Fields(status int, title string, fields event.FieldErrors) *Problem {
	fields = fields[:min(len(fields), maxFields)]
	return &Problem{Status: status, Title: title, Detail: fields.Error(), Errors: fields}
}

func (p *Problem) write(w http.ResponseWriter) {
	w.Header().Set("Content-Type", "application/problem+json")
	w.WriteHeader(p.Status)
	_ = json.NewEncoder(w).Encode(p) // the status line is out: a broken connection is the caller's to notice
}

// JSON answers with a value.
func JSON(w http.ResponseWriter, status int, value any) error {
	w.Header().Set("Content-Type", "application/json")
	w.WriteHeader(status)
	_ = json.NewEncoder(w).Encode(value)
	return nil
}
