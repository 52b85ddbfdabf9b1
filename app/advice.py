"""The use case: answers and a machine in, advice out; the only place where rules meet probes."""
