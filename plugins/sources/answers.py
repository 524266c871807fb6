"""What sources in Python share: fields of a publisher's answer, numbers in
options, and the state of a stream, which is void where options have changed."""

import difflib
import json

import headway_plugin as hp


def field(record, name, where):
    """A field of an answer; the error of one that is not there names the
    nearest that is."""
    if isinstance(record, dict) and name in record:
        return record[name]
    names = list(record) if isinstance(record, dict) else []
    near = difflib.get_close_matches(name, names, 1)
    raise hp.PluginError(
        f"{where}: the answer has no {name}; it has "
        + (", ".join(names) or "no fields at all")
        + (f"; the nearest is {near[0]}" if near else ""))


def whole_number(request, name, least=1):
    text = request.option(name)
    if not text.isascii() or not text.isdigit() or int(text) < least:
        raise hp.ConfigError(f'option {name} = "{text}" is not a whole number '
                             f"of {least} or more")
    return int(text)


def last_state(request, stream=""):
    """What the last checkpoint of the stream keeps; nothing where the options
    are no longer those of that read."""
    try:
        state = json.loads(request.checkpoint(stream) or "{}")
    except ValueError:
        return {}
    if not isinstance(state, dict):
        return {}
    return state if state.get("fingerprint") == request.fingerprint else {}


def save(request, out, state, stream=""):
    """A checkpoint; equal states give equal bytes."""
    out.checkpoint(stream, json.dumps(
        {**state, "fingerprint": request.fingerprint}, sort_keys=True,
        separators=(",", ":")))
