// SPDX-License-Identifier: Apache-2.0

package settings

import (
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"iot-data-collector/internal/store"
)

func read(values map[string]string) (Settings, error) {
	return Read(func(name string) (string, bool) { value, isSet := values[name]; return value, isSet })
}

func TestReadsTheEnvironment(t *testing.T) {
	secret := filepath.Join(t.TempDir(), "password")
	if err := os.WriteFile(secret, []byte("secret\n"), 0o600); err != nil {
		t.Fatal(err)
	}
	got, err := read(map[string]string{
		"MQTT_URL": "mqtt://broker:1883", "CLOUD_URL": "https://cloud.test/batches", "MQTT_PASSWORD_FILE": secret,
		"MQTT_TOPICS": "a/#, b/+/c", "STORE_WHEN_FULL": "drop-oldest", "STORE_SYNC_INTERVAL": "200ms", "LOG_LEVEL": "warn",
	})
	if err != nil {
		t.Fatal(err)
	}
	if got.Intake.Broker.Host != "broker:1883" || strings.Join(got.Intake.Topics, ";") != "a/#;b/+/c" ||
		string(got.Intake.Password) != "secret" || got.Store.WhenFull != store.DropOldest ||
		got.Store.SyncInterval != 200*time.Millisecond || got.Address != ":8080" ||
		got.Uplink.AsideFile != "/data/refused.ndjson" || got.LogLevel.String() != "WARN" {
		t.Fatalf("%+v", got)
	}
}

func TestNamesEverythingThatIsWrong(t *testing.T) {
	values := map[string]string{
		"MQTT_URL": "broker", "CLOUD_URL": "ftp://cloud", "PORT": "80000", "STORE_WHEN_FULL": "panic", "LOG_LEVEL": "loud",
		"BATCH_LINGER": "soon", "MQTT_TOPICS": " , ", "MQTT_PASSWORD_FILE": "/does/not/exist", "MAXIMUM_PAYLOAD_BYTES": "99999999999",
	}
	_, err := read(values)
	if err == nil {
		t.Fatal("all of it was taken")
	}
	for name := range values {
		if !strings.Contains(err.Error(), name+" ") {
			t.Errorf("%s is not named in: %v", name, err)
		}
	}
}
