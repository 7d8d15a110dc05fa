// SPDX-License-Identifier: Apache-2.0

package main

import (
	"errors"
	"net/http"
	"path"
	"regexp"
	"strings"

	"sigs.k8s.io/kustomize/api/konfig"
	"sigs.k8s.io/kustomize/api/types"
	"sigs.k8s.io/kustomize/kyaml/filesys"
	"sigs.k8s.io/kustomize/kyaml/kio"
)

// references is what a kustomization is made of: its own file, those of its
// bases and components, and the files of resources they name.
type references struct {
	disk      filesys.FileSystem
	folders   map[string]bool
	resources []string
}

// follow collects the references of the kustomization in folder and refuses,
// before anything is built, what cannot be built here: a remote reference, one
// that leaves the repository, one to nothing. It refuses only what kustomize
// could not build either and says which file to mend; everything else is left
// to kustomize's own checks.
func (r *references) follow(folder string) error {
	file, found := kustomizationFile(r.disk, folder)
	if !found || r.folders[folder] {
		return nil // kustomize says what is wrong with a folder without its file, and with a cycle
	}
	r.folders[folder] = true

	content, err := r.disk.ReadFile(file)
	if err != nil {
		return err
	}
	var kustomization types.Kustomization
	if err := kustomization.Unmarshal(content); err != nil {
		return refuse("buildFailed", "%s cannot be read: %v", readable(file), err)
	}
	kustomization.FixKustomization() // moves the old field `bases` into resources

	for _, reference := range append(kustomization.Resources, kustomization.Components...) {
		if err := r.add(file, path.Join(folder, reference), reference); err != nil {
			return err
		}
	}
	return nil
}

func (r *references) add(file, target, reference string) error {
	switch {
	case isURL(reference), isRepository(reference) && !r.disk.Exists(target):
		return refuseRemote(readable(file), reference)
	case path.IsAbs(reference), !isInside(target):
		return refuse("buildFailed", "%s refers to %q, which lies outside the repository", readable(file), reference)
	case !r.disk.Exists(target):
		return refuse("buildFailed", "%s refers to %q, but there is no file or folder %s", readable(file), reference, readable(target))
	case r.disk.IsDir(target):
		return r.follow(target)
	default:
		r.resources = append(r.resources, target)
		return nil
	}
}

// explain finds the broken file behind kustomize's error, which names it
// relative to a folder that the error does not name.
func (r *references) explain(failure error) error {
	if !strings.Contains(failure.Error(), "MalformedYAMLError") {
		return failure
	}
	for _, file := range r.resources {
		content, err := r.disk.ReadFile(file)
		if err != nil {
			return failure
		}
		if _, err := kio.FromBytes(content); err != nil {
			reason := strings.TrimPrefix(err.Error(), "MalformedYAMLError: ")
			return refuse("buildFailed", "%s cannot be read: %s", readable(file), reason)
		}
	}
	return failure
}

func kustomizationFile(disk filesys.FileSystem, folder string) (string, bool) {
	for _, candidate := range konfig.RecognizedKustomizationFileNames() {
		if file := path.Join(folder, candidate); disk.Exists(file) && !disk.IsDir(file) {
			return file, true
		}
	}
	return "", false
}

// scheme and account mark what kustomize would clone: a URL, with or without
// the go-getter prefix `git::`, and the scp form `user@host:path`. A GitHub path
// needs neither.
var (
	scheme  = regexp.MustCompile(`(?i)^(git::)?(https?|ssh|file)://`)
	account = regexp.MustCompile(`(?i)^(git::)?([a-z][a-z0-9-]*@[^/:]+[:/]|github\.com[:/])`)
)

func isURL(reference string) bool { return scheme.MatchString(reference) }

func isRepository(reference string) bool { return account.MatchString(reference) }

func refuseRemote(where, reference string) refusal {
	return refuse("remoteBase",
		"%s refers to %q, which is remote; only files of this repository are built. Copy it into the repository and refer to it by a relative path",
		where, reference)
}

// noNetwork stands in for the network: kustomize's loader asks it for remote
// patches, generators and other fields that references does not follow.
type noNetwork struct{ refused []string }

func (n *noNetwork) RoundTrip(asked *http.Request) (*http.Response, error) {
	n.refused = append(n.refused, asked.URL.String())
	return nil, errors.New("remote files are not loaded")
}

// firstRefused names the remote reference that made the build fail, if one did.
func (n *noNetwork) firstRefused(failure error) (string, bool) {
	switch {
	case failure == nil:
		return "", false
	case len(n.refused) > 0:
		return n.refused[0], true
	default:
		return "a Git repository", strings.Contains(failure.Error(), "no 'git' program on path")
	}
}

func inRoot(relative string) string { return path.Join(root, relative) }

func isInside(absolute string) bool {
	return absolute == root || strings.HasPrefix(absolute, root+"/")
}

// readable takes the mount point out of a path or a message.
func readable(message string) string {
	message = strings.ReplaceAll(message, root+"/", "")
	return strings.ReplaceAll(message, root, ".")
}
