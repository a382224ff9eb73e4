"""Bodies outside government apply to the bureau for shared data, with scenario and safeguards; the provider consents,
both sides confirm an agreement, and access exists only under it (Dongchangfu 20)."""
