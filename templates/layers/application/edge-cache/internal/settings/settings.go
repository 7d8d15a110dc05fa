// SPDX-License-Identifier: Apache-2.0

// Package settings reads the configuration from the environment.
package settings

import (
	"log/slog"
	"net/url"
	"path/filepath"
	"strconv"
	"strings"
	"time"

	"edge-cache/internal/environment"
	"edge-cache/internal/freshness"
)

// Settings of the whole process.
type Settings struct {
	ServiceName string
	LogLevel    slog.Level
	Address     string
	// Grace is how long requests may take after a signal to stop.
	Grace              time.Duration
	Directory          string
	MaximumBytes       int64
	MaximumObjectBytes int64
	Origin             *url.URL
	OriginTimeout      time.Duration
	OriginRetryAfter   time.Duration
	Policy             freshness.Policy
	// PurgeToken lets its bearer purge; nobody can while it is empty.
	PurgeToken string
}

// Read reports everything that is wrong at once, by the names of the variables.
func Read(lookup func(string) (string, bool)) (Settings, error) {
	r := environment.New(lookup)
	maximumBytes := r.Number("CACHE_MAXIMUM_BYTES", 192<<20, 1<<10, 1<<40)
	settings := Settings{
		ServiceName:        r.Text("SERVICE_NAME", "edge-cache"),
		LogLevel:           r.Level("LOG_LEVEL"),
		Address:            ":" + strconv.FormatInt(r.Number("PORT", 8080, 0, 65535), 10),
		Grace:              r.Duration("SHUTDOWN_GRACE", 10*time.Second),
		Directory:          filepath.Join(r.Text("DATA_DIRECTORY", "/data"), "cache"),
		MaximumBytes:       maximumBytes,
		MaximumObjectBytes: r.Number("CACHE_MAXIMUM_OBJECT_BYTES", 8<<20, 1, maximumBytes),
		Origin:             origin(r, "ORIGIN_URL", "http://localhost:8081"),
		OriginTimeout:      r.Duration("ORIGIN_TIMEOUT", 10*time.Second),
		OriginRetryAfter:   r.Duration("ORIGIN_RETRY_AFTER", 5*time.Second),
		Policy: freshness.Policy{
			StaleIfError:         r.Duration("STALE_IF_ERROR", 24*time.Hour),
			StaleWhileRevalidate: r.Duration("STALE_WHILE_REVALIDATE", time.Minute),
		},
		PurgeToken: token(r, "PURGE_TOKEN", "PURGE_TOKEN_FILE"),
	}
	return settings, r.Problems()
}

func origin(r *environment.Reader, name, fallback string) *url.URL {
	parsed, err := url.Parse(r.Text(name, fallback))
	if err != nil || parsed.Host == "" || (parsed.Scheme != "http" && parsed.Scheme != "https") ||
		strings.Trim(parsed.Path, "/") != "" || parsed.RawQuery != "" {
		r.Complain(name, "must be http:// or https:// and a host, without a path")
		return &url.URL{}
	}
	return &url.URL{Scheme: parsed.Scheme, Host: parsed.Host}
}

// token comes from a file where one is named, else from the environment. A short one could be guessed.
func token(r *environment.Reader, name, fileName string) string {
	token := r.Text(name, "")
	if content := r.File(fileName); content != "" {
		token = content
	}
	if token != "" && len(token) < 16 {
		r.Complain(name, "must have 16 characters or more")
	}
	return token
}
