from hooks.qalita_hooks import qalita_on_failure, qalita_on_success

__all__ = ["qalita_on_failure", "qalita_on_success"]
