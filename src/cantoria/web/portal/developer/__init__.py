"""For AI developers: manifests become certificates, what is licensable is asked for in bulk, pipelines get a gate."""
