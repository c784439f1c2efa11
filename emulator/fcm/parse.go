package fcm

import (
	"bytes"
	"encoding/json"
	"fmt"
	"io"
	"reflect"
	"slices"
	"strings"

	fcmapi "google.golang.org/api/fcm/v1"
	"google.golang.org/api/googleapi"
)

// parse reads a request as the JSON layer of Google's APIs does: names in camelCase or snake_case, none that the message
// does not have, values of the right type. raw is the message as it came.
func parse(body []byte) (req fcmapi.SendMessageRequest, raw json.RawMessage, fault *apiError) {
	var v any
	d := json.NewDecoder(bytes.NewReader(body))
	d.UseNumber()
	err := d.Decode(&v)
	if err == nil && d.More() {
		err = fmt.Errorf("more than one value")
	}
	if err != nil && err != io.EOF {
		e := badRequest("", "Invalid JSON payload received. "+err.Error())
		return req, nil, &e
	}
	top, _ := v.(map[string]any)
	if m, ok := top["message"]; ok {
		raw, _ = json.Marshal(m) // it has just been unmarshalled
	}
	clean, e := conform("", v, reflect.TypeFor[fcmapi.SendMessageRequest]())
	if e == nil {
		var b []byte
		if b, err = json.Marshal(clean); err == nil {
			err = json.Unmarshal(b, &req)
		}
		if err != nil {
			bad := badRequest("", "Invalid JSON payload received. "+err.Error())
			e = &bad
		}
	}
	return req, raw, e
}

// conform checks v against a generated type and returns it with its names in camelCase, for encoding/json.
func conform(path string, v any, t reflect.Type) (any, *apiError) {
	if v == nil || t == reflect.TypeFor[googleapi.RawMessage]() { // google.protobuf.Struct: anything
		return v, nil
	}
	switch t.Kind() {
	case reflect.Pointer:
		return conform(path, v, t.Elem())
	case reflect.Struct:
		return conformStruct(path, v, t)
	case reflect.Map: // of strings
		in, ok := v.(map[string]any)
		if !ok {
			return nil, wrongType(path, "TYPE_MESSAGE", v)
		}
		for i, key := range sortedKeys(in) {
			if _, ok := in[key].(string); !ok {
				return nil, wrongType(fmt.Sprintf("%s[%d].value", path, i), "TYPE_STRING", in[key])
			}
		}
		return in, nil
	case reflect.Slice:
		in, ok := v.([]any)
		if !ok {
			in = []any{v} // as protobuf's JSON does
		}
		out := make([]any, len(in))
		for i := range in {
			var e *apiError
			if out[i], e = conform(fmt.Sprintf("%s[%d]", path, i), in[i], t.Elem()); e != nil {
				return nil, e
			}
		}
		return out, nil
	}
	kinds := map[reflect.Kind]string{
		reflect.String: "TYPE_STRING", reflect.Bool: "TYPE_BOOL", reflect.Int64: "TYPE_INT32", reflect.Float64: "TYPE_FLOAT",
	}
	var ok bool
	switch t.Kind() {
	case reflect.String:
		_, ok = v.(string)
	case reflect.Bool:
		_, ok = v.(bool)
	default:
		_, ok = v.(json.Number)
	}
	if !ok {
		return nil, wrongType(path, kinds[t.Kind()], v)
	}
	return v, nil
}

func conformStruct(path string, v any, t reflect.Type) (any, *apiError) {
	in, ok := v.(map[string]any)
	if !ok {
		return nil, wrongType(path, "TYPE_MESSAGE", v)
	}
	fields := make(map[string]reflect.Type)
	for f := range t.Fields() {
		if name, _, _ := strings.Cut(f.Tag.Get("json"), ","); name != "" && name != "-" {
			fields[name] = f.Type
		}
	}
	out := make(map[string]any, len(in))
	for _, key := range sortedKeys(in) {
		name := camel(key)
		field, ok := fields[name]
		if !ok {
			at := ""
			if path != "" {
				at = fmt.Sprintf(" at '%s'", path)
			}
			e := badRequest(path, fmt.Sprintf("Invalid JSON payload received. Unknown name %q%s: Cannot find field.", key, at))
			return nil, &e
		}
		value, e := conform(strings.TrimPrefix(path+"."+snake(name), "."), in[key], field)
		if e != nil {
			return nil, e
		}
		out[name] = value
	}
	return out, nil
}

func wrongType(path, want string, v any) *apiError {
	b, _ := json.Marshal(v) // it came from JSON
	e := badRequest(path, fmt.Sprintf("Invalid value at '%s' (%s), %s", path, want, b))
	return &e
}

func sortedKeys(m map[string]any) []string {
	keys := make([]string, 0, len(m))
	for k := range m {
		keys = append(keys, k)
	}
	slices.Sort(keys)
	return keys
}

// camel turns fcm_options into fcmOptions.
func camel(s string) string {
	parts := strings.Split(s, "_")
	for i, p := range parts[1:] {
		if p != "" {
			parts[i+1] = strings.ToUpper(p[:1]) + p[1:]
		}
	}
	return strings.Join(parts, "")
}

// snake is the name that FCM uses in its error texts.
func snake(s string) string {
	var b strings.Builder
	for _, r := range s {
		if 'A' <= r && r <= 'Z' {
			b.WriteByte('_')
			r += 'a' - 'A'
		}
		b.WriteRune(r)
	}
	return b.String()
}
