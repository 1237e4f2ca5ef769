from benchmarks.contenders import oauth1_core_signer
from benchmarks.contenders.oauth1_core_signer import form, prepare_verify, version

__all__ = ["form", "prepare_verify", "version"]
label = "oauth1_core Verifier, .parameters read"


def verify(received):
    return oauth1_core_signer.verify(received).parameters
