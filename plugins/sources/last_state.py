"""Where the last read ended: what the sources have in common that keep an
object of JSON in their checkpoints, with the fingerprint of the options."""

import json


def last_state(request, stream="", of_any_options=False):
    """The state of the last checkpoint, or {} where there is none or, but for
    of_any_options, it is that of other options or of another version."""
    try:
        state = json.loads(request.checkpoint(stream) or "{}")
    except ValueError:
        return {}
    if not isinstance(state, dict):
        return {}
    is_same = state.get("fingerprint") == request.fingerprint
    return state if is_same or of_any_options else {}
