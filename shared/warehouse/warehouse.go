// Package warehouse asks BigQuery what became of events: facts are there (shared/fact), in the data set insight. It is the only package that
// speaks to BigQuery, and it only reads.
//
// A query is the text of a file of infra/facts, which the tests and the local stack run too, in SQLite. What callers say goes into it as named
// parameters, never as text.
package warehouse

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"net/http"
	"net/url"
	"slices"
	"strings"
	"time"

	"google.golang.org/api/bigquery/v2"
	"google.golang.org/api/googleapi"
	"google.golang.org/api/option"
)

var (
	// ErrUnavailable: BigQuery cannot answer now, or not in time. The same query may do later.
	ErrUnavailable = errors.New("BigQuery cannot answer now")
	// ErrTooLarge: the query would read more than maxBilled.
	ErrTooLarge = errors.New("the query would read too much")
	// ErrMissing: there is no such data set or table.
	ErrMissing = errors.New("there is no such table")
)

const (
	// Dataset is the data set, as infra/insight.tf names it.
	Dataset = "insight"

	// maxBilled is what a query may cost at most: 100 GiB, at 6.25 dollars a TiB some 60 cents. BigQuery compares it with an estimate that
	// knows nothing of clustering, so that a lower bound would refuse queries that read little of a large table.
	maxBilled = 100 << 30

	// maxTime is how long a query may take. Functions have 60 seconds for a request.
	maxTime = 20 * time.Second
)

// Warehouse is a client. It is safe for concurrent use.
type Warehouse struct {
	jobs    *bigquery.JobsService
	project string
}

// Open makes a client for the project's data set.
func Open(ctx context.Context, project string, opts ...option.ClientOption) (*Warehouse, error) {
	service, err := bigquery.NewService(ctx, opts...)
	if err != nil {
		return nil, fmt.Errorf("warehouse: %w", err)
	}
	return &Warehouse{jobs: service.Jobs, project: project}, nil
}

// Query asks, and returns each row as a T, by the names of the columns: a column fills the field that has its name in JSON. A NULL leaves the
// field as it is. Parameters are texts and whole numbers (int, int64), in the query @name. Errors wrap one of those above, where they are one of them.
func Query[T any](ctx context.Context, w *Warehouse, query string, parameters map[string]any) ([]T, error) {
	ctx, cancel := context.WithTimeout(ctx, maxTime)
	defer cancel()
	var all []T
	err := w.each(ctx, query, parameters, func(row json.RawMessage) error {
		var t T
		err := json.Unmarshal(row, &t)
		all = append(all, t)
		return err
	})
	if err != nil {
		return nil, classified(err)
	}
	return all, nil
}

// each calls take for each row, as a JSON object.
func (w *Warehouse) each(ctx context.Context, query string, parameters map[string]any, take func(json.RawMessage) error) error {
	named, err := bound(parameters)
	if err != nil {
		return err
	}
	standard, cached := false, true
	answer, err := w.jobs.Query(w.project, &bigquery.QueryRequest{
		Query: query, UseLegacySql: &standard, UseQueryCache: &cached, DefaultDataset: &bigquery.DatasetReference{ProjectId: w.project, DatasetId: Dataset},
		ParameterMode: "NAMED", QueryParameters: named, MaximumBytesBilled: maxBilled, JobTimeoutMs: maxTime.Milliseconds(), TimeoutMs: maxTime.Milliseconds() / 2,
		Labels: map[string]string{"app": "tidings"},
	}).Context(ctx).Do()
	if err != nil {
		return err
	}
	page := &bigquery.GetQueryResultsResponse{
		JobComplete: answer.JobComplete, JobReference: answer.JobReference, Schema: answer.Schema, Rows: answer.Rows, PageToken: answer.PageToken,
	}
	for {
		for _, row := range page.Rows {
			object, err := objectOf(page.Schema, row)
			if err != nil {
				return err
			}
			if err := take(object); err != nil {
				return err
			}
		}
		if page.JobComplete && page.PageToken == "" {
			return nil
		}
		job := page.JobReference
		if job == nil {
			return errors.New("BigQuery has more to say, and names no job")
		}
		more := w.jobs.GetQueryResults(w.project, job.JobId).Location(job.Location).TimeoutMs(maxTime.Milliseconds() / 2)
		if page.PageToken != "" {
			more.PageToken(page.PageToken)
		}
		if page, err = more.Context(ctx).Do(); err != nil {
			return err
		}
	}
}

// bound are the parameters in the API's form, in the order of their names, so that the same question is the same request.
func bound(parameters map[string]any) (all []*bigquery.QueryParameter, err error) {
	for name, value := range parameters {
		p := &bigquery.QueryParameter{Name: name, ParameterType: &bigquery.QueryParameterType{}, ParameterValue: &bigquery.QueryParameterValue{Value: fmt.Sprint(value), ForceSendFields: []string{"Value"}}}
		switch value.(type) {
		case string:
			p.ParameterType.Type = "STRING"
		case int, int64:
			p.ParameterType.Type = "INT64"
		default:
			return nil, fmt.Errorf("parameter %s is a %T; a text or a whole number was expected", name, value)
		}
		all = append(all, p)
	}
	slices.SortFunc(all, func(a, b *bigquery.QueryParameter) int { return strings.Compare(a.Name, b.Name) })
	return all, nil
}

// objectOf makes a JSON object of a row, in which every value is a text.
func objectOf(schema *bigquery.TableSchema, row *bigquery.TableRow) (json.RawMessage, error) {
	if schema == nil || len(row.F) != len(schema.Fields) {
		return nil, errors.New("a row of BigQuery's does not fit its schema")
	}
	object := map[string]any{}
	for i, column := range schema.Fields {
		text, ok := row.F[i].V.(string)
		if !ok { // NULL
			continue
		}
		switch column.Type {
		case "INTEGER", "INT64", "FLOAT", "FLOAT64":
			object[column.Name] = json.Number(text)
		case "BOOLEAN", "BOOL":
			object[column.Name] = text == "true"
		default:
			object[column.Name] = text
		}
	}
	return json.Marshal(object)
}

// classified wraps an error of the API with what it means to a caller.
func classified(err error) error {
	var answer *googleapi.Error
	switch unreached := (&url.Error{}); {
	case errors.Is(err, context.DeadlineExceeded), errors.As(err, &unreached):
		return fmt.Errorf("warehouse: %w: %w", ErrUnavailable, err)
	case !errors.As(err, &answer):
		return fmt.Errorf("warehouse: %w", err)
	}
	reason, kind := "", error(nil)
	if len(answer.Errors) > 0 {
		reason = answer.Errors[0].Reason
	}
	switch {
	case reason == "bytesBilledLimitExceeded":
		kind = ErrTooLarge
	case answer.Code == http.StatusNotFound:
		kind = ErrMissing
	case answer.Code == http.StatusTooManyRequests || answer.Code >= 500, slices.Contains([]string{"rateLimitExceeded", "quotaExceeded", "jobRateLimitExceeded", "backendError", "stopped"}, reason):
		kind = ErrUnavailable
	default:
		return fmt.Errorf("warehouse: %w", err)
	}
	return fmt.Errorf("warehouse: %w: %w", kind, err)
}
