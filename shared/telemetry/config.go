package telemetry

import (
	"cmp"
	"fmt"
	"net/url"
	"slices"
	"strconv"
	"strings"

	sdktrace "go.opentelemetry.io/otel/sdk/trace"
	"google.golang.org/api/option"
)

// Config is what the environment says of telemetry. The zero value is off.
type Config struct {
	Traces   bool
	Metrics  bool
	Sampler  string  // OTEL_TRACES_SAMPLER; "" is ours, see sampler
	Ratio    float64 // OTEL_TRACES_SAMPLER_ARG: which share of traces is recorded, 0 to 1
	Google   bool    // the collector is Google's own, which wants the service account's credentials
	Project  string  // GOOGLE_CLOUD_PROJECT
	Service  string  // OTEL_SERVICE_NAME; the function's name
	Revision string  // K_REVISION: which revision of a Cloud Run service this is
}

// defaultRatio is the share of traces that is recorded unless the environment says otherwise. A trace of an event has about ten spans
// of 500 bytes, and costs about as much CPU as a tenth of the event.
const defaultRatio = 0.01

// samplers are the values of OTEL_TRACES_SAMPLER, and whether OTEL_TRACES_SAMPLER_ARG is a ratio then.
var samplers = map[string]bool{
	"always_on": false, "always_off": false, "traceidratio": true,
	"parentbased_always_on": false, "parentbased_always_off": false, "parentbased_traceidratio": true,
}

// googleOptions are for Google's own collector.
var googleOptions = []option.ClientOption{option.WithScopes("https://www.googleapis.com/auth/cloud-platform"), option.WithTelemetryDisabled()}

// Read reads OpenTelemetry's standard variables through lookup, and returns with them every problem: the variable, what is wrong, and
// what was expected. A signal is on if its exporter is "otlp", or if nothing is said of its exporter and there is an endpoint for it.
// Variables that are not named here (headers, timeouts, batch sizes, intervals) are the SDK's to read.
func Read(lookup func(string) string) (c Config, problems []string) {
	add := func(format string, args ...any) { problems = append(problems, fmt.Sprintf(format, args...)) }
	c = Config{
		Ratio: defaultRatio, Project: lookup("GOOGLE_CLOUD_PROJECT"), Revision: lookup("K_REVISION"),
		Service: cmp.Or(lookup("OTEL_SERVICE_NAME"), lookup("K_SERVICE"), lookup("FUNCTION_TARGET"), "tidings"),
	}
	if value := lookup("OTEL_SDK_DISABLED"); value != "" {
		disabled, err := strconv.ParseBool(value)
		if err != nil {
			add("OTEL_SDK_DISABLED is %q; true or false was expected", value)
		}
		if disabled {
			return Config{}, problems
		}
	}
	c.Traces = isOn(lookup, "TRACES", add)
	c.Metrics = isOn(lookup, "METRICS", add)
	if c.Traces || c.Metrics {
		c.readEndpoint(lookup, add)
	}
	if c.Traces {
		c.readSampler(lookup, add)
	}
	if len(problems) > 0 || !c.Traces && !c.Metrics {
		return Config{}, problems
	}
	return c, nil
}

// isOn reports whether a signal is to be exported.
func isOn(lookup func(string) string, signal string, add func(string, ...any)) bool {
	name := "OTEL_" + signal + "_EXPORTER"
	switch value := lookup(name); value {
	case "":
		return lookup("OTEL_EXPORTER_OTLP_ENDPOINT") != "" || lookup("OTEL_EXPORTER_OTLP_"+signal+"_ENDPOINT") != ""
	case "otlp":
		return true
	case "none":
		return false
	default:
		add("%s is %q; otlp or none was expected", name, value)
		return false
	}
}

func (c *Config) readEndpoint(lookup func(string) string, add func(string, ...any)) {
	for _, part := range []string{"", "TRACES_", "METRICS_"} {
		name := "OTEL_EXPORTER_OTLP_" + part + "ENDPOINT"
		if value := lookup(name); value != "" {
			u, err := url.Parse(value)
			if err != nil || u.Host == "" || u.Scheme != "http" && u.Scheme != "https" {
				add("%s is %q; an address such as https://collector.example:4318 was expected", name, value)
			} else if u.Scheme == "https" && strings.HasSuffix(u.Hostname(), ".googleapis.com") {
				c.Google = true
			}
		}
		name = "OTEL_EXPORTER_OTLP_" + part + "PROTOCOL"
		if value := lookup(name); value != "" && value != "http/protobuf" {
			add("%s is %q; http/protobuf was expected, which every collector takes", name, value)
		}
	}
}

func (c *Config) readSampler(lookup func(string) string, add func(string, ...any)) {
	c.Sampler = lookup("OTEL_TRACES_SAMPLER")
	takesRatio, known := samplers[c.Sampler]
	if c.Sampler != "" && !known {
		names := make([]string, 0, len(samplers))
		for name := range samplers {
			names = append(names, name)
		}
		slices.Sort(names)
		add("OTEL_TRACES_SAMPLER is %q; one of %s was expected", c.Sampler, strings.Join(names, ", "))
	}
	value := lookup("OTEL_TRACES_SAMPLER_ARG")
	switch {
	case known && !takesRatio:
		return
	case value == "" && takesRatio: // the standard's default
		c.Ratio = 1
	case value != "":
		ratio, err := strconv.ParseFloat(value, 64)
		if err != nil || !(ratio >= 0 && ratio <= 1) {
			add("OTEL_TRACES_SAMPLER_ARG is %q; a number from 0 to 1 was expected", value)
		}
		c.Ratio = ratio
	}
}

// sampler decides which traces are recorded. Ours follows a caller who records, and otherwise decides by the trace's id, also where
// the caller does not record. The standard's parentbased_traceidratio would follow that, too: Google's front end puts a trace into each
// request to Cloud Run and records next to none of them, so that nothing would ever be recorded. Since the id decides, all functions
// decide alike.
func (c Config) sampler() sdktrace.Sampler {
	ratio := sdktrace.TraceIDRatioBased(c.Ratio)
	switch c.Sampler {
	case "always_on":
		return sdktrace.AlwaysSample()
	case "always_off":
		return sdktrace.NeverSample()
	case "traceidratio":
		return ratio
	case "parentbased_always_on":
		return sdktrace.ParentBased(sdktrace.AlwaysSample())
	case "parentbased_always_off":
		return sdktrace.ParentBased(sdktrace.NeverSample())
	case "parentbased_traceidratio":
		return sdktrace.ParentBased(ratio)
	}
	return sdktrace.ParentBased(ratio, sdktrace.WithRemoteParentNotSampled(ratio))
}
