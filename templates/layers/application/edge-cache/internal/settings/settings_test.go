// SPDX-License-Identifier: Apache-2.0

package settings

import (
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"
)

func read(values map[string]string) (Settings, error) {
	return Read(func(name string) (string, bool) { value, isSet := values[name]; return value, isSet })
}

func TestReadsTheEnvironment(t *testing.T) {
	secret := filepath.Join(t.TempDir(), "token")
	if err := os.WriteFile(secret, []byte("a-token-that-is-long\n"), 0o600); err != nil {
		t.Fatal(err)
	}
	got, err := read(map[string]string{"ORIGIN_URL": "https://origin.test/", "PURGE_TOKEN_FILE": secret, "STALE_IF_ERROR": "48h"})
	if err != nil {
		t.Fatal(err)
	}
	if got.Origin.String() != "https://origin.test" || got.PurgeToken != "a-token-that-is-long" ||
		got.Policy.StaleIfError != 48*time.Hour || got.Address != ":8080" || got.Directory != "/data/cache" {
		t.Fatalf("%+v", got)
	}
}

func TestNamesEverythingThatIsWrong(t *testing.T) {
	values := map[string]string{
		"ORIGIN_URL": "https://origin.test/path", "PORT": "x", "LOG_LEVEL": "loud", "ORIGIN_TIMEOUT": "-1s", "PURGE_TOKEN": "short",
		"CACHE_MAXIMUM_BYTES": "1",
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
	if _, err := read(map[string]string{"PURGE_TOKEN_FILE": "/does/not/exist"}); err == nil {
		t.Error("a missing file was taken")
	}
}
