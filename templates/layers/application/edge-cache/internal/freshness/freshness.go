// SPDX-License-Identifier: Apache-2.0

// Package freshness decides, from headers alone, what may be kept, for how long, and for which requests (RFC 9111 for a
// shared cache, RFC 5861 for stale answers). It is stricter than the RFC in two points: an answer that sets a cookie and
// a request that carries credentials never touch the cache, whatever the headers allow.
package freshness

import (
	"net/http"
	"sort"
	"strconv"
	"strings"
	"time"
)

// Policy is what holds where the origin says nothing.
type Policy struct {
	// StaleIfError is how long an answer may be served after its time when the origin cannot be asked.
	StaleIfError time.Duration
	// StaleWhileRevalidate is how long an answer may be served after its time while a new one is fetched.
	StaleWhileRevalidate time.Duration
}

// Times say until when an answer may be used for what.
type Times struct {
	FreshUntil      time.Time `json:"freshUntil"`
	RevalidateUntil time.Time `json:"revalidateUntil"`
	ErrorUntil      time.Time `json:"errorUntil"`
	// Made is when the origin made the answer; Age counts from here.
	Made time.Time `json:"made"`
}

// IsCacheable says whether the request may be answered from the cache and its answer kept.
func IsCacheable(request *http.Request) bool {
	return (request.Method == http.MethodGet || request.Method == http.MethodHead) &&
		request.Header.Get("Authorization") == "" && request.Header.Get("Cookie") == "" && request.Header.Get("Upgrade") == ""
}

// Assess says whether the answer may be kept, and its times.
func Assess(status int, header http.Header, now time.Time, policy Policy) (Times, bool) {
	directives := parse(header.Values("Cache-Control"))
	if !isKeepable(status, header, directives) {
		return Times{}, false
	}
	lifetime, isGiven := lifetimeOf(header, directives)
	if !isGiven {
		return Times{}, false
	}
	age, _ := seconds(header.Get("Age"))
	times := Times{Made: now.Add(-age)}
	times.FreshUntil = times.Made.Add(lifetime)
	whileRevalidate, ifError := staleness(directives, policy)
	times.RevalidateUntil = times.FreshUntil.Add(whileRevalidate)
	times.ErrorUntil = times.FreshUntil.Add(ifError)
	return times, true
}

// staleness is how long the answer may be used after its time, while a new one is fetched and when none can be had.
func staleness(directives directives, policy Policy) (time.Duration, time.Duration) {
	if directives.has("must-revalidate") || directives.has("proxy-revalidate") || directives.has("no-cache") {
		return 0, 0
	}
	if directives.has("s-maxage") {
		// It forbids stale answers unless the origin allows them in so many words.
		policy = Policy{}
	}
	return directives.duration("stale-while-revalidate", policy.StaleWhileRevalidate),
		directives.duration("stale-if-error", policy.StaleIfError)
}

func isKeepable(status int, header http.Header, directives directives) bool {
	switch status {
	case http.StatusOK, http.StatusMovedPermanently, http.StatusPermanentRedirect, http.StatusNotFound, http.StatusGone:
	default:
		return false
	}
	return !directives.has("no-store") && !directives.has("private") && len(header.Values("Set-Cookie")) == 0 &&
		!strings.Contains(strings.Join(header.Values("Vary"), ","), "*")
}

func lifetimeOf(header http.Header, directives directives) (time.Duration, bool) {
	if directives.has("no-cache") {
		// May be kept, but asked about each time; useful only with something to ask by.
		return 0, header.Get("ETag") != "" || header.Get("Last-Modified") != ""
	}
	for _, name := range []string{"s-maxage", "max-age"} {
		if directives.has(name) {
			// What cannot be read is 0: over at once.
			lifetime, _ := seconds(directives[name])
			return lifetime, true
		}
	}
	expires := header.Get("Expires")
	if expires == "" {
		return 0, false
	}
	until, err := http.ParseTime(expires)
	made, madeErr := http.ParseTime(header.Get("Date"))
	if err != nil || madeErr != nil || until.Before(made) {
		return 0, false
	}
	return until.Sub(made), true
}

// VaryNames are the request headers that the answer depends on, in order.
func VaryNames(header http.Header) []string {
	var names []string
	for _, name := range strings.Split(strings.Join(header.Values("Vary"), ","), ",") {
		if trimmed := strings.TrimSpace(name); trimmed != "" {
			names = append(names, http.CanonicalHeaderKey(trimmed))
		}
	}
	sort.Strings(names)
	return names
}

type directives map[string]string

func parse(values []string) directives {
	found := directives{}
	for _, part := range strings.Split(strings.Join(values, ","), ",") {
		name, value, _ := strings.Cut(strings.TrimSpace(part), "=")
		name = strings.ToLower(strings.TrimSpace(name))
		if _, isKnown := found[name]; name != "" && !isKnown {
			found[name] = strings.Trim(strings.TrimSpace(value), `"`)
		}
	}
	return found
}

func (d directives) has(name string) bool {
	_, isGiven := d[name]
	return isGiven
}

func (d directives) duration(name string, fallback time.Duration) time.Duration {
	value, isGiven := d[name]
	if !isGiven {
		return fallback
	}
	duration, _ := seconds(value)
	return duration
}

// seconds reads a number of seconds, at most ten years; 0 when it is none.
func seconds(text string) (time.Duration, bool) {
	const most = 10 * 365 * 24 * 60 * 60
	number, err := strconv.ParseUint(text, 10, 63)
	if err != nil {
		return 0, false
	}
	return time.Duration(min(number, most)) * time.Second, true
}
