"""nginx' text inside of other files: edited in YAML, told in heredocs."""

from nginx_looks import after, looked, reasons

CONFIG_MAP = """apiVersion: v1
kind: ConfigMap
metadata: {name: edge}
data:
  default.conf: |
    map $http_upgrade $connection_upgrade { default upgrade; '' close; }
    server {
      server_name jenkins.example.org;
      location / {
        proxy_pass http://jenkins.ci.svc:8080;
      }
    }
  other: "x"
"""
SNIPPETS = """controller:
  config:
    entries:
      stream-snippets: |
        upstream cjoc { server cjoc.cloudbees:50000; }
        server {
          listen 50000;
          proxy_pass cjoc;
        }%s
      proxy-connect-timeout: 5s
"""


def test_a_config_map_is_edited_in_its_own_indentation() -> None:
    changed = after({"k8s/cm.yaml": CONFIG_MAP})
    assert changed == {
        "k8s/cm.yaml": CONFIG_MAP.replace(
            "svc:8080;\n",
            "svc:8080;\n        proxy_http_version 1.1;\n"
            "        proxy_set_header Upgrade $http_upgrade;\n"
            "        proxy_set_header Connection $connection_upgrade;\n",
        )
    }


def test_a_snippet_of_which_nothing_is_left_goes_with_its_key() -> None:
    changed = after({"values.yaml": SNIPPETS % ""}, "close")
    assert changed == {
        "values.yaml": "controller:\n  config:\n    entries:\n      proxy-connect-timeout: 5s\n"
    }


def test_a_snippet_keeps_what_is_of_others() -> None:
    other = "\n        server { listen 25; proxy_pass mail:25; }"
    changed = after({"values.yaml": SNIPPETS % other}, "close")
    assert changed == {
        "values.yaml": "controller:\n  config:\n    entries:\n      stream-snippets: |"
        + other + "\n      proxy-connect-timeout: 5s\n"
    }  # fmt: skip


def test_heredocs_are_told() -> None:
    shell = (
        "#!/bin/sh\ncat > /etc/nginx/conf.d/ci.conf <<'EOF'\nserver {\n  server_name jenkins.x;\n"
        "  location / { proxy_pass http://127.0.0.1:8080; }\n}\nEOF\n"
    )
    found = looked({"setup.sh": shell}, nginx=False)
    assert found.edits == ()
    (note,) = found.by_hand
    assert note.line == 5
    assert "sends neither Upgrade nor Connection" in note.reason


def test_of_heredocs_inside_of_each_other_the_inner_one_is_told_once() -> None:
    terraform = (
        "resource a b {\n  user_data = <<-EOT\n    cat > x.conf <<NG\n"
        "    server { server_name ${var.jenkins}; location / { proxy_pass http://a:8080; } }\n"
        "    NG\n  EOT\n}\n"
    )
    found = looked({"main.tf": terraform}, nginx=False)
    assert len(reasons(found)) == 1
