package main

import (
	"context"
	"errors"
	"fmt"
	"maps"
	"path"
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
	for _, c := range w.commands() {
		held(c.Name, c.Roles)
	}
	for _, r := range w.table.CallerRoles {
		held(string(r.Caller), []string{r.Role})
	}
	return found, nil
}

// container is what a service and a job have in common: what runs, as whom, and what it is told.
type container struct {
	ServiceAccount string `json:"serviceAccount"`
	Containers     []struct {
		Image string     `json:"image"`
		Args  []string   `json:"args"`
		Env   []variable `json:"env"`
	} `json:"containers"`
}

type variable struct {
	Name        string `json:"name"`
	Value       string `json:"value"`
	ValueSource struct {
		SecretKeyRef struct {
			Secret  string `json:"secret"`
			Version string `json:"version"`
		} `json:"secretKeyRef"`
	} `json:"valueSource"`
}

// variable is one of its variables, by name.
func (c container) variable(name string) (v variable, ok bool) {
	for _, one := range c.Containers {
		for _, v := range one.Env {
			if v.Name == name {
				return v, true
			}
		}
	}
	return variable{}, false
}

// condition says whether Cloud Run could start it.
type condition struct {
	State   string `json:"state"`
	Message string `json:"message"`
}

// service is a Cloud Run service as its API tells of it.
type service struct {
	Ingress           string    `json:"ingress"`
	Template          container `json:"template"`
	TerminalCondition condition `json:"terminalCondition"`
}

// faults collects what is wrong with one service or job.
type faults struct {
	name  string
	found []finding
}

func (f *faults) add(format string, args ...any) {
	f.found = append(f.found, finding{Missing: f.name + " " + fmt.Sprintf(format, args...), Do: apply})
}

// addContainer compares what runs with what is to run: the account, the image, which is one for all, and the variables. secrets are variables with the id of the secret
// that each reads.
func (f *faults) addContainer(w *wanted, c container, environment []string, secrets map[string]string) {
	if got, want := c.ServiceAccount, w.account(f.name); got != want {
		f.add("runs as %s; %s was expected", got, want)
	}
	for _, one := range c.Containers {
		if w.image == "" {
			w.image, w.imageOf = one.Image, f.name
		}
		if one.Image != w.image {
			f.add("runs the image %s; %s was expected, as %s runs it", one.Image, w.image, w.imageOf)
		}
	}
	if target, _ := c.variable("FUNCTION_TARGET"); target.Value != f.name {
		f.add("has the variable FUNCTION_TARGET %q; %q was expected", target.Value, f.name)
	}
	lacking := slices.DeleteFunc(slices.Clone(environment), func(name string) bool { _, ok := c.variable(name); return ok })
	if len(lacking) > 0 {
		f.add("lacks the variables %s", strings.Join(lacking, ", "))
	}
	for _, name := range slices.Sorted(maps.Keys(secrets)) {
		if v, ok := c.variable(name); !ok {
			f.add("lacks the variable %s, from the secret %s", name, secrets[name])
		} else if got := path.Base(v.ValueSource.SecretKeyRef.Secret); got != secrets[name] {
			f.add("has the variable %s from the secret %q; %q was expected", name, strings.TrimPrefix(got, "."), secrets[name])
		}
	}
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
		if f.Outgoing {
			found = append(found, w.endpointFaults(ctx, a, s.Template)...)
		}
	}
	return found, nil
}

// faultsOf compares a service with the function that it is to be.
func (w *wanted) faultsOf(f topology.Function, s service, invokers []string) []finding {
	all := faults{name: f.Name}
	if s.TerminalCondition.State != "CONDITION_SUCCEEDED" {
		all.add("does not serve: %s", s.TerminalCondition.Message)
	}
	all.addContainer(w, s.Template, f.Environment, w.secrets(f))
	public := slices.Contains(f.Callers, topology.Public)
	outside := public || slices.Contains(f.Callers, topology.Operator)
	if inside := s.Ingress == "INGRESS_TRAFFIC_INTERNAL_ONLY"; inside == outside {
		all.add("has the ingress %s, but is called by: %s", s.Ingress, callers(f))
	}
	if is := slices.Contains(invokers, "allUsers"); is && !public {
		all.add("may be called by anybody")
	} else if public && !is {
		all.add("cannot be called by producers: allUsers lacks roles/run.invoker")
	}
	for _, c := range f.Callers {
		if c == topology.Public || c == topology.Operator {
			continue
		}
		if member := "serviceAccount:" + w.account(string(c)); !slices.Contains(invokers, member) {
			all.add("cannot be called by %s: %s lacks roles/run.invoker", c, w.account(string(c)))
		}
	}
	return all.found
}

func callers(f topology.Function) string {
	var names []string
	for _, c := range f.Callers {
		names = append(names, string(c))
	}
	return strings.Join(names, ", ")
}
