{
  description = "What developers of ${{ values.name }} need on their machines";

  inputs.nixpkgs.url = "github:NixOS/nixpkgs/nixos-25.05";

  outputs = { nixpkgs, ... }:
    let
      systems = [ "x86_64-linux" "aarch64-linux" "x86_64-darwin" "aarch64-darwin" ];
      forEach = make: nixpkgs.lib.genAttrs systems (system: make nixpkgs.legacyPackages.${system});
    in
    {
      devShells = forEach (pkgs: {
        default = pkgs.mkShell {
          packages = with pkgs; [
            gnumake
            jq
            k6
            kind
            kubectl
            kustomize
            qemu
            shellcheck
{% if values.language == 'typescript' %}
            nodejs_22
{% elif values.language == 'go' %}
            go
            golangci-lint
{% else %}
            python312
            ruff
{% endif %}
          ];
        };
      });
    };
}
