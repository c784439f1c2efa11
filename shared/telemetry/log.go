package telemetry

import (
	"context"
	"io"
	"log/slog"

	"go.opentelemetry.io/otel/trace"
)

// NewLog writes lines as Cloud Logging reads them, each at once: there is nothing to flush at the end. A line that belongs to a trace names
// it, by which Cloud Logging shows the lines of all functions about one event together. function, the label of each line, may be empty.
func NewLog(w io.Writer, project, function string) *slog.Logger {
	var h slog.Handler = slog.NewJSONHandler(w, &slog.HandlerOptions{ReplaceAttr: cloudLogging})
	if function != "" {
		h = h.WithAttrs([]slog.Attr{slog.Group("logging.googleapis.com/labels", "function", function)})
	}
	return slog.New(traceHandler{h, "projects/" + project + "/traces/"})
}

// cleaned are the fields that hold what comes from outside, and how each is cleaned.
var cleaned = map[string]func(string) string{"error": Clean, "reason": Clean, "why": Clean, "document": starIDs}

// cloudLogging gives slog's keys the names that Cloud Logging reads, and keeps what people are and say out of errors.
func cloudLogging(groups []string, a slog.Attr) slog.Attr {
	switch {
	case len(groups) > 0:
	case a.Key == slog.LevelKey:
		a.Key = "severity"
	case a.Key == slog.MessageKey:
		a.Key = "message"
	case cleaned[a.Key] != nil:
		a.Value = slog.StringValue(cleaned[a.Key](a.Value.String()))
	}
	return a
}

// traceHandler adds the trace of the context to each line.
type traceHandler struct {
	slog.Handler
	prefix string // of a trace's name
}

// Handle implements slog.Handler.
func (h traceHandler) Handle(ctx context.Context, r slog.Record) error {
	if sc := trace.SpanContextFromContext(ctx); sc.IsValid() {
		r = r.Clone()
		r.AddAttrs(
			slog.String("logging.googleapis.com/trace", h.prefix+sc.TraceID().String()),
			slog.String("logging.googleapis.com/spanId", sc.SpanID().String()),
			slog.Bool("logging.googleapis.com/trace_sampled", sc.IsSampled()))
	}
	return h.Handler.Handle(ctx, r)
}

// WithAttrs implements slog.Handler.
func (h traceHandler) WithAttrs(attrs []slog.Attr) slog.Handler {
	return traceHandler{h.Handler.WithAttrs(attrs), h.prefix}
}

// WithGroup implements slog.Handler.
func (h traceHandler) WithGroup(name string) slog.Handler {
	return traceHandler{h.Handler.WithGroup(name), h.prefix}
}
