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

	"iot-data-collector/internal/environment"
	"iot-data-collector/internal/intake"
	"iot-data-collector/internal/store"
	"iot-data-collector/internal/uplink"
)

// Settings of the whole process.
type Settings struct {
	ServiceName string
	LogLevel    slog.Level
	// Address of the health checks and metrics.
	Address string
	// Grace is how long the last work may take after a signal to stop.
	Grace         time.Duration
	DataDirectory string
	Store         store.Options
	Intake        intake.Options
	Uplink        uplink.Options
}

// Read reports everything that is wrong at once, by the names of the variables.
func Read(lookup func(string) (string, bool)) (Settings, error) {
	r := environment.New(lookup)
	maximumBytes := r.Number("STORE_MAXIMUM_BYTES", 192<<20, 1<<20, 1<<40)
	directory := r.Text("DATA_DIRECTORY", "/data")
	settings := Settings{
		ServiceName:   r.Text("SERVICE_NAME", "iot-data-collector"),
		LogLevel:      r.Level("LOG_LEVEL"),
		Address:       ":" + strconv.Itoa(int(r.Number("PORT", 8080, 0, 65535))),
		Grace:         r.Duration("SHUTDOWN_GRACE", 10*time.Second),
		DataDirectory: directory,
		Store: store.Options{
			MaximumBytes:       maximumBytes,
			SegmentBytes:       min(4<<20, maximumBytes/8),
			WhenFull:           whenFull(r, "STORE_WHEN_FULL"),
			SyncInterval:       r.Duration("STORE_SYNC_INTERVAL", 0),
			RememberedMessages: int(r.Number("STORE_REMEMBERED_MESSAGES", 10_000, 1, 1_000_000)),
		},
		Intake: intake.Options{
			Broker:              address(r, "MQTT_URL", "mqtt://localhost:1883", "mqtt", "mqtts", "tls", "ws", "wss"),
			ClientID:            r.Text("MQTT_CLIENT_ID", r.Text("SERVICE_NAME", "iot-data-collector")),
			Username:            r.Text("MQTT_USERNAME", ""),
			Password:            []byte(r.File("MQTT_PASSWORD_FILE")),
			Topics:              topics(r, "MQTT_TOPICS", "devices/#"),
			ReceiveMaximum:      int(r.Number("MQTT_RECEIVE_MAXIMUM", 100, 1, 65535)),
			MaximumPayloadBytes: int(r.Number("MAXIMUM_PAYLOAD_BYTES", 128<<10, 1, maximumBytes/16)),
		},
		Uplink: uplink.Options{
			URL:       address(r, "CLOUD_URL", "http://localhost:8081/batches", "http", "https").String(),
			TokenFile: r.Text("CLOUD_TOKEN_FILE", ""),
			Timeout:   r.Duration("CLOUD_TIMEOUT", 30*time.Second),
			Limit: store.Limit{
				Records: int(r.Number("BATCH_RECORDS", 500, 1, 100_000)),
				Bytes:   r.Number("BATCH_BYTES", 1<<20, 1, 1<<40),
			},
			Linger:    r.Duration("BATCH_LINGER", time.Second),
			AsideFile: filepath.Join(directory, "refused.ndjson"),
		},
	}
	return settings, r.Problems()
}

func whenFull(r *environment.Reader, name string) store.WhenFull {
	switch value := store.WhenFull(r.Text(name, string(store.Refuse))); value {
	case store.Refuse, store.DropOldest:
		return value
	default:
		r.Complain(name, "must be %s or %s", store.Refuse, store.DropOldest)
		return store.Refuse
	}
}

func address(r *environment.Reader, name, fallback string, schemes ...string) *url.URL {
	parsed, err := url.Parse(r.Text(name, fallback))
	if err == nil && parsed.Host != "" {
		for _, scheme := range schemes {
			if parsed.Scheme == scheme {
				return parsed
			}
		}
	}
	r.Complain(name, "must be an address that begins with one of %s://", strings.Join(schemes, "://, "))
	return &url.URL{}
}

func topics(r *environment.Reader, name, fallback string) []string {
	var topics []string
	for _, topic := range strings.Split(r.Text(name, fallback), ",") {
		if trimmed := strings.TrimSpace(topic); trimmed != "" {
			topics = append(topics, trimmed)
		}
	}
	if len(topics) == 0 {
		r.Complain(name, "must name at least one topic, several separated by commas")
	}
	return topics
}
