package warehouse_test

import (
	"encoding/json"
	"errors"
	"fmt"
	"net/http"
	"net/http/httptest"
	"testing"

	"github.com/google/go-cmp/cmp"
	api "google.golang.org/api/bigquery/v2"
	"google.golang.org/api/option"

	"tidings.dev/shared/warehouse"
)

// open is a client of a BigQuery that answers as it is told, and what it was asked.
func open(t *testing.T, answers ...string) (*warehouse.Warehouse, *[]string) {
	t.Helper()
	var asked []string
	server := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		asked = append(asked, r.Method+" "+r.URL.Path+"?"+r.FormValue("pageToken")+"&"+r.FormValue("location"))
		if r.Method == http.MethodPost {
			var q api.QueryRequest
			if err := json.NewDecoder(r.Body).Decode(&q); err != nil {
				t.Error(err)
			}
			asked[len(asked)-1] += fmt.Sprintf(" %s legacy=%v cache=%v %s.%s %s %d", q.Query, *q.UseLegacySql, *q.UseQueryCache, q.DefaultDataset.ProjectId, q.DefaultDataset.DatasetId, q.ParameterMode, q.MaximumBytesBilled>>30)
			for _, p := range q.QueryParameters {
				asked[len(asked)-1] += fmt.Sprintf(" @%s=%s:%q", p.Name, p.ParameterType.Type, p.ParameterValue.Value)
			}
		}
		w.Header().Set("Content-Type", "application/json")
		fmt.Fprint(w, answers[min(len(asked), len(answers))-1])
	}))
	t.Cleanup(server.Close)
	w, err := warehouse.Open(t.Context(), "p", option.WithEndpoint(server.URL+"/bigquery/v2/"), option.WithoutAuthentication())
	if err != nil {
		t.Fatal(err)
	}
	return w, &asked
}

type row struct {
	Name  string  `json:"name"`
	Count int64   `json:"count"`
	Share float64 `json:"share"`
	Is    bool    `json:"is"`
}

const schema = `"schema": {"fields": [{"name": "name", "type": "STRING"}, {"name": "count", "type": "INTEGER"}, {"name": "share", "type": "FLOAT"}, {"name": "is", "type": "BOOLEAN"}]}`

// A query that takes a while is waited for, and has several pages: BigQuery's documentation of jobs.query and jobs.getQueryResults.
func TestAQueryIsWaitedForAndReadToItsEnd(t *testing.T) {
	t.Parallel()
	w, asked := open(t,
		`{"jobComplete": false, "jobReference": {"jobId": "j", "location": "EU"}}`,
		`{"jobComplete": true, "jobReference": {"jobId": "j", "location": "EU"}, `+schema+`, "rows": [{"f": [{"v": "a"}, {"v": "1"}, {"v": "0.5"}, {"v": "true"}]}], "pageToken": "2"}`,
		`{"jobComplete": true, "jobReference": {"jobId": "j", "location": "EU"}, `+schema+`, "rows": [{"f": [{"v": null}, {"v": "9007199254740993"}, {"v": null}, {"v": "false"}]}]}`)
	got, err := warehouse.Query[row](t.Context(), w, "SELECT 1", map[string]any{"b": 7, "a": "", "c": int64(8)})
	if err != nil {
		t.Fatal(err)
	}
	if diff := cmp.Diff([]row{{"a", 1, 0.5, true}, {"", 9007199254740993, 0, false}}, got); diff != "" {
		t.Errorf("-want +got:\n%s", diff)
	}
	if diff := cmp.Diff([]string{
		`POST /bigquery/v2/projects/p/queries?& SELECT 1 legacy=false cache=true p.insight NAMED 100 @a=STRING:"" @b=INT64:"7" @c=INT64:"8"`,
		`GET /bigquery/v2/projects/p/queries/j?&EU`, `GET /bigquery/v2/projects/p/queries/j?2&EU`,
	}, *asked); diff != "" {
		t.Errorf("-want +asked:\n%s", diff)
	}
}

func TestWhatCannotBeRead(t *testing.T) {
	t.Parallel()
	w, _ := open(t, `{"jobComplete": true, `+schema+`, "rows": [{"f": [{"v": "a"}]}]}`)
	if got, err := warehouse.Query[row](t.Context(), w, "SELECT 1", nil); err == nil || errors.Is(err, warehouse.ErrUnavailable) {
		t.Errorf("a row that does not fit: got %v, %v", got, err)
	}
	w, _ = open(t, `{"jobComplete": false}`)
	if _, err := warehouse.Query[row](t.Context(), w, "SELECT 1", nil); err == nil {
		t.Error("a job without a name is waited for")
	}
	if _, err := warehouse.Query[row](t.Context(), w, "SELECT 1", map[string]any{"a": 1.5}); err == nil {
		t.Error("a parameter of a type that there is not was taken")
	}
}
