// SPDX-License-Identifier: Apache-2.0

package freshness

import (
	"net/http"
	"net/http/httptest"
	"slices"
	"testing"
	"time"
)

var (
	noon   = time.Date(2026, 3, 1, 12, 0, 0, 0, time.UTC)
	policy = Policy{StaleIfError: time.Hour, StaleWhileRevalidate: time.Minute}
)

func TestAssessesAnswers(t *testing.T) {
	type times struct{ fresh, revalidate, onError time.Duration }
	cases := map[string]struct {
		status int
		header map[string]string
		want   *times
	}{
		"max-age":           {200, map[string]string{"Cache-Control": "max-age=60"}, &times{60 * time.Second, 2 * time.Minute, 61 * time.Minute}},
		"words in capitals": {200, map[string]string{"Cache-Control": "Public, Max-Age=\"60\""}, &times{60 * time.Second, 2 * time.Minute, 61 * time.Minute}},
		"what the origin says of stale answers": {200, map[string]string{
			"Cache-Control": "max-age=10, stale-while-revalidate=5, stale-if-error=20"}, &times{10 * time.Second, 15 * time.Second, 30 * time.Second}},
		"s-maxage before max-age, and no stale": {200, map[string]string{"Cache-Control": "max-age=60, s-maxage=10"}, &times{10 * time.Second, 10 * time.Second, 10 * time.Second}},
		"s-maxage with stale":                   {200, map[string]string{"Cache-Control": "s-maxage=10, stale-if-error=5"}, &times{10 * time.Second, 10 * time.Second, 15 * time.Second}},
		"must-revalidate":                       {200, map[string]string{"Cache-Control": "max-age=10, must-revalidate, stale-if-error=99"}, &times{10 * time.Second, 10 * time.Second, 10 * time.Second}},
		"age counts":                            {200, map[string]string{"Cache-Control": "max-age=60", "Age": "20"}, &times{40 * time.Second, 100 * time.Second, 3640 * time.Second}},
		"no-cache with something to ask by":     {200, map[string]string{"Cache-Control": "no-cache", "Etag": `"1"`}, &times{0, 0, 0}},
		"no-cache without":                      {200, map[string]string{"Cache-Control": "no-cache"}, nil},
		"an age that cannot be read":            {200, map[string]string{"Cache-Control": "max-age=soon"}, &times{0, time.Minute, time.Hour}},
		"expires": {200, map[string]string{"Expires": "Sun, 01 Mar 2026 12:01:00 GMT", "Date": "Sun, 01 Mar 2026 12:00:00 GMT"},
			&times{time.Minute, 2 * time.Minute, 61 * time.Minute}},
		"expired already":   {200, map[string]string{"Expires": "Sun, 01 Mar 2026 11:01:00 GMT", "Date": "Sun, 01 Mar 2026 12:00:00 GMT"}, nil},
		"expires 0":         {200, map[string]string{"Expires": "0", "Date": "Sun, 01 Mar 2026 12:00:00 GMT"}, nil},
		"nothing said":      {200, map[string]string{}, nil},
		"no-store":          {200, map[string]string{"Cache-Control": "max-age=60, no-store"}, nil},
		"private":           {200, map[string]string{"Cache-Control": "private, max-age=60"}, nil},
		"private by field":  {200, map[string]string{"Cache-Control": `private="set-cookie", max-age=60`}, nil},
		"a cookie":          {200, map[string]string{"Cache-Control": "public, max-age=60", "Set-Cookie": "a=b"}, nil},
		"varies by all":     {200, map[string]string{"Cache-Control": "max-age=60", "Vary": "Accept, *"}, nil},
		"not found":         {404, map[string]string{"Cache-Control": "max-age=1"}, &times{time.Second, 61 * time.Second, 3601 * time.Second}},
		"a part":            {206, map[string]string{"Cache-Control": "max-age=60"}, nil},
		"a temporary place": {302, map[string]string{"Cache-Control": "max-age=60"}, nil},
		"a failure":         {500, map[string]string{"Cache-Control": "max-age=60"}, nil},
	}
	for name, example := range cases {
		t.Run(name, func(t *testing.T) {
			header := http.Header{}
			for key, value := range example.header {
				header.Set(key, value)
			}
			got, isKeepable := Assess(example.status, header, noon, policy)
			if isKeepable != (example.want != nil) {
				t.Fatalf("keepable: %v", isKeepable)
			}
			if example.want == nil {
				return
			}
			have := times{got.FreshUntil.Sub(noon), got.RevalidateUntil.Sub(noon), got.ErrorUntil.Sub(noon)}
			if have != *example.want {
				t.Fatalf("got %v, want %v", have, *example.want)
			}
		})
	}
}

func TestCredentialsNeverTouchTheCache(t *testing.T) {
	for _, name := range []string{"Authorization", "Cookie", "Upgrade"} {
		request := httptest.NewRequest(http.MethodGet, "/", nil)
		request.Header.Set(name, "x")
		if IsCacheable(request) {
			t.Errorf("a request with %s is cacheable", name)
		}
	}
	for method, want := range map[string]bool{"GET": true, "HEAD": true, "POST": false, "PUT": false, "DELETE": false, "OPTIONS": false} {
		if got := IsCacheable(httptest.NewRequest(method, "/", nil)); got != want {
			t.Errorf("%s is cacheable: %v", method, got)
		}
	}
}

func TestNamesWhatAnAnswerVariesBy(t *testing.T) {
	header := http.Header{"Vary": {"accept-language, Accept", ""}}
	if got := VaryNames(header); !slices.Equal(got, []string{"Accept", "Accept-Language"}) {
		t.Fatalf("got %v", got)
	}
}
