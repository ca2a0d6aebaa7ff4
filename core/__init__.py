"""What the layers share: values, ports, errors and settings. Imports nothing else of ours."""
