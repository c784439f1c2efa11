package bigquery

import (
	"context"
	"encoding/json"
	"fmt"
	"net/http"
	"strconv"
	"strings"
	"sync"

	api "google.golang.org/api/bigquery/v2"
)

// Dataset is the data set that the table is in.
const Dataset = "insight"

// Server answers what our code asks of BigQuery's REST API: jobs.query with named parameters, and jobs.getQueryResults for further pages, with
// every value as a text, as BigQuery has them. It takes messages as a push subscription delivers them, too: BigQuery has no such address,
// since Pub/Sub writes there by itself. Anybody who brings a Bearer token may ask.
type Server struct {
	table *Table
	mux   *http.ServeMux

	mu   sync.Mutex
	jobs []*api.GetQueryResultsResponse // the latest ones, whole
	next int                            // the number of the next one
}

// keptJobs is how many results can still be paged through.
const keptJobs = 16

// NewServer serves the table.
func NewServer(table *Table) *Server {
	s := &Server{table: table, mux: http.NewServeMux()}
	s.mux.HandleFunc("POST /push", s.push)
	s.mux.HandleFunc("POST /bigquery/v2/projects/{project}/queries", s.query)
	s.mux.HandleFunc("GET /bigquery/v2/projects/{project}/queries/{job}", s.results)
	return s
}

func (s *Server) ServeHTTP(w http.ResponseWriter, r *http.Request) { s.mux.ServeHTTP(w, r) }

// push writes the row of one message. What it refuses is delivered again.
func (s *Server) push(w http.ResponseWriter, r *http.Request) {
	var pushed struct {
		Message struct {
			Data []byte `json:"data"`
		} `json:"message"`
	}
	err := json.NewDecoder(r.Body).Decode(&pushed)
	if err == nil {
		err = s.table.Insert(r.Context(), pushed.Message.Data)
	}
	if err != nil {
		http.Error(w, err.Error(), http.StatusBadRequest)
		return
	}
	w.WriteHeader(http.StatusNoContent)
}

// refusal is an error as Google's APIs write it.
type refusal struct {
	code                    int
	status, reason, message string
}

func (e refusal) Error() string { return e.message }

func invalid(format string, args ...any) refusal {
	return refusal{http.StatusBadRequest, "INVALID_ARGUMENT", "invalidQuery", fmt.Sprintf(format, args...)}
}

func (s *Server) query(w http.ResponseWriter, r *http.Request) {
	var q api.QueryRequest
	if err := json.NewDecoder(r.Body).Decode(&q); err != nil {
		answer(w, nil, refusal{http.StatusBadRequest, "INVALID_ARGUMENT", "parseError", err.Error()})
		return
	}
	job, err := s.run(r, &q)
	if err != nil {
		answer(w, nil, err)
		return
	}
	page, err := page(job, "", q.MaxResults)
	if err != nil {
		answer(w, nil, err)
		return
	}
	answer(w, &api.QueryResponse{
		Kind: "bigquery#queryResponse", JobComplete: true, JobReference: page.JobReference, Schema: page.Schema, TotalRows: page.TotalRows, Rows: page.Rows, PageToken: page.PageToken,
	}, nil)
}

// run runs a query, and keeps what comes of it.
func (s *Server) run(r *http.Request, q *api.QueryRequest) (*api.GetQueryResultsResponse, error) {
	switch {
	case !strings.HasPrefix(r.Header.Get("Authorization"), "Bearer "):
		return nil, refusal{http.StatusUnauthorized, "UNAUTHENTICATED", "required", "Login Required."}
	case q.UseLegacySql == nil || *q.UseLegacySql: // BigQuery's default
		return nil, invalid("Legacy SQL is not known here; send useLegacySql: false")
	case q.DefaultDataset == nil:
		return nil, invalid("Table %q must be qualified with a dataset (e.g. dataset.table).", "facts")
	case q.DefaultDataset.DatasetId != Dataset:
		return nil, refusal{http.StatusNotFound, "NOT_FOUND", "notFound", fmt.Sprintf("Not found: Dataset %s:%s was not found", r.PathValue("project"), q.DefaultDataset.DatasetId)}
	case len(q.QueryParameters) > 0 && q.ParameterMode != "NAMED":
		return nil, invalid("Positional parameters are not supported here; send parameterMode: NAMED")
	}
	parameters, err := parametersOf(q.QueryParameters)
	if err != nil {
		return nil, err
	}
	result, err := s.table.result(r.Context(), q.Query, parameters)
	if err != nil {
		return nil, invalid("%v", err)
	}
	s.mu.Lock()
	defer s.mu.Unlock()
	s.next++
	result.JobReference = &api.JobReference{ProjectId: r.PathValue("project"), JobId: fmt.Sprintf("job_%d", s.next), Location: "local"}
	s.jobs = append(s.jobs, result)
	s.jobs = s.jobs[max(0, len(s.jobs)-keptJobs):]
	return result, nil
}

// results answers a further page.
func (s *Server) results(w http.ResponseWriter, r *http.Request) {
	s.mu.Lock()
	defer s.mu.Unlock()
	for _, job := range s.jobs {
		if job.JobReference.JobId == r.PathValue("job") {
			most, _ := strconv.ParseInt(r.FormValue("maxResults"), 10, 64) // 0: all
			page, err := page(job, r.FormValue("pageToken"), most)
			answer(w, page, err)
			return
		}
	}
	answer(w, nil, refusal{http.StatusNotFound, "NOT_FOUND", "notFound", "Not found: Job " + r.PathValue("project") + ":" + r.PathValue("job")})
}

// page is the part of a result from the token on.
func page(job *api.GetQueryResultsResponse, token string, most int64) (*api.GetQueryResultsResponse, error) {
	from := 0
	if token != "" {
		var err error
		if from, err = strconv.Atoi(token); err != nil || from < 0 || from > len(job.Rows) {
			return nil, refusal{http.StatusBadRequest, "INVALID_ARGUMENT", "invalid", "Invalid value for pageToken: " + token}
		}
	}
	some := *job
	some.Kind = "bigquery#getQueryResultsResponse"
	some.Rows = job.Rows[from:]
	if most > 0 && int64(len(some.Rows)) > most {
		some.Rows = some.Rows[:most]
		some.PageToken = strconv.Itoa(from + len(some.Rows))
	}
	return &some, nil
}

// parametersOf are the values by name.
func parametersOf(all []*api.QueryParameter) (map[string]any, error) {
	values := map[string]any{}
	for _, p := range all {
		if p.Name == "" || p.ParameterType == nil || p.ParameterValue == nil {
			return nil, invalid("A query parameter lacks its name, type or value")
		}
		switch p.ParameterType.Type {
		case "STRING", "DATE":
			values[p.Name] = p.ParameterValue.Value
		case "INT64", "INTEGER":
			n, err := strconv.ParseInt(p.ParameterValue.Value, 10, 64)
			if err != nil {
				return nil, invalid("Invalid query parameter %q: %q is no INT64", p.Name, p.ParameterValue.Value)
			}
			values[p.Name] = n
		default:
			return nil, invalid("Query parameter %q: the stand-in has no type %s", p.Name, p.ParameterType.Type)
		}
	}
	return values, nil
}

// result runs the query, and answers as BigQuery does: a schema, and every value as a text.
func (t *Table) result(ctx context.Context, query string, parameters map[string]any) (*api.GetQueryResultsResponse, error) {
	columns, rows, err := t.query(ctx, query, parameters)
	if err != nil {
		return nil, err
	}
	r := &api.GetQueryResultsResponse{JobComplete: true, Schema: &api.TableSchema{}, TotalRows: uint64(len(rows))}
	for i, name := range columns {
		r.Schema.Fields = append(r.Schema.Fields, &api.TableFieldSchema{Name: name, Type: typeOf(rows, i), Mode: "NULLABLE"})
	}
	for _, row := range rows {
		cells := make([]*api.TableCell, len(row))
		for i, v := range row {
			cells[i] = &api.TableCell{}
			if v != nil {
				cells[i].V = fmt.Sprint(v)
			}
		}
		r.Rows = append(r.Rows, &api.TableRow{F: cells})
	}
	return r, nil
}

// typeOf is a column's type, by the first value that is there: SQLite's columns have none.
func typeOf(rows [][]any, column int) string {
	for _, row := range rows {
		switch row[column].(type) {
		case int64:
			return "INTEGER"
		case float64:
			return "FLOAT"
		case string:
			return "STRING"
		}
	}
	return "STRING"
}

// answer writes a value, or the refusal.
func answer(w http.ResponseWriter, value any, err error) {
	w.Header().Set("Content-Type", "application/json")
	if e, ok := err.(refusal); ok {
		w.WriteHeader(e.code)
		value = map[string]any{"error": map[string]any{
			"code": e.code, "message": e.message, "status": e.status, "errors": []any{map[string]any{"message": e.message, "domain": "global", "reason": e.reason}},
		}}
	}
	_ = json.NewEncoder(w).Encode(value) // a connection that broke is the caller's to notice
}
