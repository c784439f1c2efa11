package fcm

import "net/http"

// apiError is the google.rpc.Status that Google's JSON APIs answer under the key "error".
type apiError struct {
	Code    int    `json:"code"`
	Message string `json:"message"`
	Status  string `json:"status"`
	Details []any  `json:"details,omitempty"`
}

var unauthenticated = apiError{
	Code: 401, Status: "UNAUTHENTICATED",
	Message: "Request had invalid authentication credentials. Expected OAuth 2 access token, login cookie or other valid authentication credential. See https://developers.google.com/identity/sign-in/web/devconsole-project.",
}

// fcmError is the detail by which senders tell FCM's verdicts apart.
func fcmError(code string) []any {
	return []any{map[string]string{"@type": "type.googleapis.com/google.firebase.fcm.v1.FcmError", "errorCode": code}}
}

// badRequest is what the JSON layer before FCM answers: without an FcmError.
func badRequest(field, message string) apiError {
	violation := map[string]string{"description": message}
	if field != "" {
		violation["field"] = field
	}
	return apiError{Code: 400, Status: "INVALID_ARGUMENT", Message: message, Details: []any{map[string]any{
		"@type": "type.googleapis.com/google.rpc.BadRequest", "fieldViolations": []any{violation},
	}}}
}

// invalid is what FCM answers to a well-formed message that it does not take.
func invalid(field, message string) *apiError {
	e := badRequest(field, message)
	e.Details = append(fcmError("INVALID_ARGUMENT"), e.Details...)
	return &e
}

func writeError(w http.ResponseWriter, e apiError) {
	writeJSON(w, e.Code, map[string]apiError{"error": e})
}
