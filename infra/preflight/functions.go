package main

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"strings"

	"tidings.dev/shared/topology"
)

// primitive roles may do nearly everything; nobody of ours has one.
var primitive = []string{"roles/owner", "roles/editor", "roles/viewer"}

func lookAtRoles(ctx context.Context, w *wanted, a ask) (found []finding, err error) {
	var p policy
	if err := a.send(ctx, "POST", "https://cloudresourcemanager.googleapis.com/v1/projects/"+w.project+":getIamPolicy", &p); err != nil {
		return nil, err
	}
	held := func(name string, want []string) {
		has := p.roles("serviceAccount:" + w.account(name))
		for _, role := range want {
			if !slices.Contains(has, role) {
				found = append(found, finding{Missing: w.account(name) + " lacks " + role, Do: apply})
			}
		}
		for _, role := range has {
			if slices.Contains(primitive, role) {
				found = append(found, finding{Missing: w.account(name) + " has " + role + ", which is far too much",
					Do: fmt.Sprintf("gcloud projects remove-iam-policy-binding %s --member=serviceAccount:%s --role=%s", w.project, w.account(name), role)})
			}
		}
	}
	for _, f := range w.functions() {
		held(f.Name, f.Roles)
	}
	for _, r := range w.table.CallerRoles {
		held(string(r.Caller), []string{r.Role})
	}
	return found, nil
}

// service is a Cloud Run service as its API tells of it.
type service struct {
	Ingress  string `json:"ingress"`
	Template struct {
		ServiceAccount string `json:"serviceAccount"`
		Containers     []struct {
			Env []struct{ Name, Value string }
		}
	} `json:"template"`
	TerminalCondition struct {
		State   string `json:"state"`
		Message string `json:"message"`
	} `json:"terminalCondition"`
}

func lookAtFunctions(ctx context.Context, w *wanted, a ask) (found []finding, err error) {
	for _, f := range w.functions() {
		at := fmt.Sprintf("https://run.googleapis.com/v2/projects/%s/locations/%s/services/%s", w.project, w.region, f.Name)
		var s service
		if err := a.get(ctx, at, &s); errors.Is(err, errNotFound) {
			found = append(found, finding{Missing: f.Name + " is not deployed in " + w.region, Do: apply})
			continue
		} else if err != nil {
			return found, err
		}
		var p policy
		if err := a.get(ctx, at+":getIamPolicy", &p); err != nil {
			return found, err
		}
		found = append(found, w.faultsOf(f, s, p.members("roles/run.invoker"))...)
	}
	return found, nil
}

// faultsOf compares a service with the function that it is to be.
func (w *wanted) faultsOf(f topology.Function, s service, invokers []string) (found []finding) {
	fault := func(format string, args ...any) {
		found = append(found, finding{Missing: f.Name + " " + fmt.Sprintf(format, args...), Do: apply})
	}
	if s.TerminalCondition.State != "CONDITION_SUCCEEDED" {
		fault("does not serve: %s", s.TerminalCondition.Message)
	}
	if got, want := s.Template.ServiceAccount, w.account(f.Name); got != want {
		fault("runs as %s; %s was expected", got, want)
	}
	for _, c := range s.Template.Containers {
		for _, e := range c.Env {
			if e.Name == "FUNCTION_TARGET" && e.Value != f.Name {
				fault("is told to be %q", e.Value)
			}
		}
	}
	public := slices.Contains(f.Callers, topology.Public)
	outside := public || slices.Contains(f.Callers, topology.Operator)
	if inside := s.Ingress == "INGRESS_TRAFFIC_INTERNAL_ONLY"; inside == outside {
		fault("has the ingress %s, but is called by: %s", s.Ingress, callers(f))
	}
	if is := slices.Contains(invokers, "allUsers"); is && !public {
		fault("may be called by anybody")
	} else if public && !is {
		fault("cannot be called by producers: allUsers lacks roles/run.invoker")
	}
	for _, c := range f.Callers {
		if c == topology.Public || c == topology.Operator {
			continue
		}
		if member := "serviceAccount:" + w.account(string(c)); !slices.Contains(invokers, member) {
			fault("cannot be called by %s: %s lacks roles/run.invoker", c, w.account(string(c)))
		}
	}
	return found
}

func callers(f topology.Function) string {
	var names []string
	for _, c := range f.Callers {
		names = append(names, string(c))
	}
	return strings.Join(names, ", ")
}
