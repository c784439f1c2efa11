package bigquery_test

import (
	"encoding/base64"
	"encoding/json"
	"fmt"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"

	"tidings.dev/emulator/bigquery"
)

const good = `{"id": "a", "day": "2026-11-27", "stage": "shown", "channel": "in_app", "happenedAt": 7, "event": "e", "source": "s", "person": ""}`

func server(t *testing.T) func(method, path, body string) (int, string) {
	t.Helper()
	table, err := bigquery.Open()
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = table.Close() })
	s := bigquery.NewServer(table)
	return func(method, path, body string) (int, string) {
		r := httptest.NewRequest(method, path, strings.NewReader(body))
		r.Header.Set("Authorization", "Bearer x")
		w := httptest.NewRecorder()
		s.ServeHTTP(w, r)
		return w.Code, w.Body.String()
	}
}

func pushed(data string) string {
	return fmt.Sprintf(`{"message": {"data": %q, "messageId": "1"}, "subscription": "s"}`, base64.StdEncoding.EncodeToString([]byte(data)))
}

// What is no row is not written, and refused, so that it comes again.
func TestABadRowIsNotWritten(t *testing.T) {
	t.Parallel()
	call := server(t)
	for data, want := range map[string]int{
		good: 204, `{"id": "b"}`: 400, `x`: 400, strings.Replace(good, "7", `"7"`, 1): 400, strings.Replace(good, "2026-11-27", "today", 1): 400,
	} {
		if code, body := call("POST", "/push", pushed(data)); code != want {
			t.Errorf("%s: got %d %s, want %d", data, code, body, want)
		}
	}
	if _, body := call("POST", "/bigquery/v2/projects/p/queries", query("SELECT id FROM facts", "")); !strings.Contains(body, `"totalRows":"1"`) {
		t.Errorf("got %s", body)
	}
}

// query is a request as our client sends it, with more members.
func query(sql, more string) string {
	text, _ := json.Marshal(sql)
	return `{"query": ` + string(text) + `, "useLegacySql": false, "defaultDataset": {"datasetId": "insight"}` + more + `}`
}

// The answers have the form of BigQuery's reference: every value a text, NULL null, pages by a token.
func TestQueriesAreAnsweredAsBigQueryDoes(t *testing.T) {
	t.Parallel()
	call := server(t)
	for _, id := range []string{"a", "b", "c"} {
		call("POST", "/push", pushed(strings.Replace(good, `"a"`, fmt.Sprintf("%q", id), 1)))
	}
	const path = "/bigquery/v2/projects/p/queries"
	_, body := call("POST", path, query("SELECT id, happenedAt, item FROM facts WHERE id <> @not ORDER BY id", `, "maxResults": 1, "parameterMode": "NAMED",
		"queryParameters": [{"name": "not", "parameterType": {"type": "STRING"}, "parameterValue": {"value": "b"}}]`))
	var page struct {
		JobComplete  bool
		JobReference struct{ JobID string }
		PageToken    string
		Rows         []struct{ F []struct{ V any } }
		Schema       struct {
			Fields []struct{ Name, Type string }
		}
		TotalRows string
	}
	if err := json.Unmarshal([]byte(body), &page); err != nil {
		t.Fatal(err)
	}
	if !page.JobComplete || page.TotalRows != "2" || fmt.Sprint(page.Schema.Fields) != "[{id STRING} {happenedAt INTEGER} {item STRING}]" || fmt.Sprint(page.Rows) != "[{[{a} {7} {<nil>}]}]" {
		t.Errorf("got %s", body)
	}
	_, body = call("GET", path+"/"+page.JobReference.JobID+"?pageToken="+page.PageToken, "")
	if !strings.Contains(body, `"rows":[{"f":[{"v":"c"}`) || strings.Contains(body, "pageToken") {
		t.Errorf("the second page: got %s", body)
	}
	for name, tt := range map[string]struct {
		method, path, body string
		code               int
		reason             string
	}{
		"BigQuery's default is legacy SQL": {"POST", path, `{"query": "SELECT 1"}`, 400, "invalidQuery"},
		"a table without a data set":       {"POST", path, `{"query": "SELECT 1", "useLegacySql": false}`, 400, "invalidQuery"},
		"another data set":                 {"POST", path, strings.Replace(query("SELECT 1", ""), "insight", "other", 1), 404, "notFound"},
		"no SQL":                           {"POST", path, query("SELEC", ""), 400, "invalidQuery"},
		"a parameter that is not given":    {"POST", path, query("SELECT @a", ""), 400, "invalidQuery"},
		"another's job":                    {"GET", path + "/job_9", "", 404, "notFound"},
		"a token that it did not give":     {"GET", path + "/" + page.JobReference.JobID + "?pageToken=x", "", 400, "invalid"},
		"no JSON":                          {"POST", path, `{`, 400, "parseError"},
	} {
		var answer struct {
			Error struct {
				Code   int
				Errors []struct{ Reason string }
			}
		}
		code, body := call(tt.method, tt.path, tt.body)
		if err := json.Unmarshal([]byte(body), &answer); err != nil || code != tt.code || answer.Error.Code != tt.code || answer.Error.Errors[0].Reason != tt.reason {
			t.Errorf("%s: got %d %s, %v; want %d %s", name, code, body, err, tt.code, tt.reason)
		}
	}
	r := httptest.NewRequest(http.MethodPost, path, strings.NewReader(query("SELECT 1", "")))
	w := httptest.NewRecorder()
	table, _ := bigquery.Open()
	if bigquery.NewServer(table).ServeHTTP(w, r); w.Code != http.StatusUnauthorized {
		t.Errorf("without a token: got %d", w.Code)
	}
}
