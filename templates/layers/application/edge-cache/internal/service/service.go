// SPDX-License-Identifier: Apache-2.0

// Package service puts the cache's parts together.
package service

import (
	"context"
	"crypto/sha256"
	"crypto/subtle"
	"encoding/json"
	"errors"
	"log/slog"
	"net"
	"net/http"
	"strings"
	"time"

	"github.com/prometheus/client_golang/prometheus/promhttp"

	"edge-cache/internal/proxy"
	"edge-cache/internal/settings"
	"edge-cache/internal/shelf"
	"edge-cache/internal/web"
)

// PurgePath takes purges; it hides the same path of the origin, as /livez, /healthz and /metrics do.
const PurgePath = "/.edge-cache/purge"

const maximumPurgeBytes = 64 << 10

// Run serves on the listener until the context ends; then requests under way get the time of grace.
func Run(ctx context.Context, with settings.Settings, listener net.Listener, log *slog.Logger) error {
	kept, err := shelf.Open(with.Directory, with.MaximumBytes)
	if err != nil {
		return errors.Join(err, listener.Close())
	}
	figures := newMetrics(kept)
	transport := http.DefaultTransport.(*http.Transport).Clone()
	// Bodies stay as the origin sent them.
	transport.DisableCompression = true
	transport.ResponseHeaderTimeout = with.OriginTimeout
	handler := proxy.New(proxy.Options{
		Origin: with.Origin, OriginTimeout: with.OriginTimeout, MaximumObjectBytes: with.MaximumObjectBytes, Policy: with.Policy,
		RetryAfter: with.OriginRetryAfter, Transport: transport, Now: time.Now, Observer: figures, Log: log,
	}, kept)
	server := &http.Server{
		Handler:           web.Measure(figures.registry, routes(handler, kept, figures, with.PurgeToken, log)),
		ReadHeaderTimeout: 5 * time.Second,
		IdleTimeout:       2 * time.Minute,
		MaxHeaderBytes:    32 << 10,
		ErrorLog:          slog.NewLogLogger(log.Handler(), slog.LevelDebug),
	}
	log.Info("Started", "address", listener.Addr().String(), "origin", with.Origin.String(), "entries", kept.Stats().Entries)
	ended := make(chan error, 1)
	go func() { ended <- server.Serve(listener) }()
	select {
	case err := <-ended:
		return err
	case <-ctx.Done():
	}
	log.Info("Stopping")
	stopping, cancel := context.WithTimeout(context.Background(), with.Grace)
	defer cancel()
	err = server.Shutdown(stopping)
	handler.Wait()
	return err
}

// routes are GET /livez, /healthz and /metrics, POST PurgePath, and the proxy for everything else.
func routes(handler *proxy.Handler, kept *shelf.Shelf, figures *metrics, token string, log *slog.Logger) http.Handler {
	mux := http.NewServeMux()
	// The origin does not count for either: the cache is there for when it is away.
	fine := func(response http.ResponseWriter, _ *http.Request) { response.WriteHeader(http.StatusOK) }
	scrape := promhttp.HandlerFor(figures.registry, promhttp.HandlerOpts{Registry: figures.registry})
	own := map[string]http.Handler{
		"/livez":   http.HandlerFunc(fine),
		"/healthz": http.HandlerFunc(fine),
		"/metrics": scrape,
		PurgePath:  purge(kept, token, log),
	}
	for path, answer := range own {
		mux.Handle(path, answer)
	}
	// The mux would redirect unclean paths of the origin, so it only sees our own.
	return http.HandlerFunc(func(response http.ResponseWriter, request *http.Request) {
		if _, isOwn := own[request.URL.Path]; isOwn {
			mux.ServeHTTP(response, request)
			return
		}
		handler.ServeHTTP(response, request)
	})
}

// purge removes what is kept: POST a shelf.Purge as JSON with the token as a bearer. Answers how many answers went.
// 401 without the token, 400 for what cannot be read or names nothing, 405 for another method.
func purge(kept *shelf.Shelf, token string, log *slog.Logger) http.Handler {
	return http.HandlerFunc(func(response http.ResponseWriter, request *http.Request) {
		if request.Method != http.MethodPost {
			response.Header().Set("Allow", http.MethodPost)
			http.Error(response, "Use POST.", http.StatusMethodNotAllowed)
			return
		}
		if !isBearer(request, token) {
			response.Header().Set("WWW-Authenticate", "Bearer")
			http.Error(response, "The token is missing or wrong.", http.StatusUnauthorized)
			return
		}
		var asked shelf.Purge
		decoder := json.NewDecoder(http.MaxBytesReader(response, request.Body, maximumPurgeBytes))
		decoder.DisallowUnknownFields()
		if err := decoder.Decode(&asked); err != nil || isEmpty(asked) {
			http.Error(response, `Name what to purge: "urls", "prefixes", "tags" or "all": true.`, http.StatusBadRequest)
			return
		}
		removed := kept.Remove(asked)
		log.Info("Purged", "removed", removed, "all", asked.All, "urls", asked.URLs, "prefixes", asked.Prefixes, "tags", asked.Tags)
		response.Header().Set("Content-Type", "application/json")
		_ = json.NewEncoder(response).Encode(map[string]int{"removed": removed})
	})
}

func isEmpty(asked shelf.Purge) bool {
	return !asked.All && len(asked.URLs)+len(asked.Prefixes)+len(asked.Tags) == 0
}

// isBearer compares digests, so that neither content nor length of the token shows in the time it takes.
func isBearer(request *http.Request, token string) bool {
	given, isGiven := strings.CutPrefix(request.Header.Get("Authorization"), "Bearer ")
	want, got := sha256.Sum256([]byte(token)), sha256.Sum256([]byte(given))
	return isGiven && token != "" && subtle.ConstantTimeCompare(want[:], got[:]) == 1
}
