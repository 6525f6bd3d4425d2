"""TLS: our certificate, whose certificates of clients we believe, and the names in one."""

import warnings
from pathlib import Path

import attrs
from cryptography import x509
from cryptography.hazmat.primitives.serialization import load_pem_private_key
from OpenSSL import SSL
from OpenSSL.crypto import X509, PKey
from twisted.internet.ssl import CertificateOptions


@attrs.frozen
class TlsFiles:
    """PEM files: our *certificate* (with those between it and the root), its *key*, and who vouches for clients."""

    certificate: Path
    key: Path
    client_ca: Path | None = None


def tls_options(files: TlsFiles) -> CertificateOptions:
    """
    Make what `reactor.listenSSL` wants; TLS 1.2 or newer.

    With *client_ca* a client may show a certificate, and is turned away when it is not vouched for; whether it must show one
    is for its `Peer` to say. Raises OSError and ValueError, when a file cannot be read or is none of its kind.
    """
    own, *between = _certificates(files.certificate)
    key = PKey.from_cryptography_key(load_pem_private_key(files.key.read_bytes(), None))  # type: ignore[arg-type]
    believed = None if files.client_ca is None else _certificates(files.client_ca)
    options = CertificateOptions(
        privateKey=key,
        certificate=own,
        extraCertChain=between,
        verify=believed is not None,
        requireCertificate=False,
        caCerts=believed,
    )
    # Now rather than with the first connection, so that a key that does not fit is told of at the start. Twisted hands
    # pyOpenSSL its own objects, which that would rather have from cryptography.
    with warnings.catch_warnings():
        warnings.simplefilter("ignore", DeprecationWarning)
        try:
            options.getContext()
        except SSL.Error:
            raise ValueError(f"the key in {files.key.name} is not that of {files.certificate.name}") from None
    return options


def names_in(certificate: X509 | None) -> frozenset[str]:
    """Return the names a client's *certificate* is for, lower-case: common name, DNS names, URIs, addresses."""
    if certificate is None:
        return frozenset()
    read = certificate.to_cryptography()
    names = [str(each.value) for each in read.subject.get_attributes_for_oid(x509.NameOID.COMMON_NAME)]
    try:
        other = read.extensions.get_extension_for_class(x509.SubjectAlternativeName).value
    except x509.ExtensionNotFound:
        pass
    else:
        names += other.get_values_for_type(x509.DNSName)
        names += other.get_values_for_type(x509.UniformResourceIdentifier)
        names += [str(each) for each in other.get_values_for_type(x509.IPAddress)]
    return frozenset(name.lower() for name in names)


def _certificates(path: Path) -> list[X509]:
    return [X509.from_cryptography(each) for each in x509.load_pem_x509_certificates(path.read_bytes())]
