using Estream.Crypto.Internal;
using Estream.Crypto.Internal.OpenSsl;

namespace Estream.Crypto;

/// <summary>A public key of Ed25519 (RFC 8032): tells whether a signature was made with the private key.</summary>
/// <remarks>Immutable and thread-safe. It is 32 bytes and nothing else; each verification asks the system's OpenSSL anew.</remarks>
public sealed class Ed25519PublicKey : IVerifier
{
    private const int MaxFileBytes = 4 << 10;

    private readonly byte[] _encoded;

    internal Ed25519PublicKey(byte[] encoded) => _encoded = encoded;

    /// <inheritdoc/>
    public string Algorithm => Ed25519.Name;

    /// <inheritdoc/>
    public ReadOnlyMemory<byte> PublicKey => _encoded;

    /// <inheritdoc/>
    public int SignatureSize => Ed25519.SignatureBytes;

    // SubjectPublicKeyInfo of RFC 8410 up to the key: it has one length only, so DER has one encoding.
    private static ReadOnlySpan<byte> InfoPrefix => [0x30, 0x2A, 0x30, 0x05, 0x06, 0x03, 0x2B, 0x65, 0x70, 0x03, 0x21, 0x00];

    /// <summary>Reads a key. Any bytes of the right length are taken; of those that are no point of the curve nothing is a
    /// signature.</summary>
    /// <param name="encoded"><see cref="Ed25519.PublicKeyBytes"/> bytes from anywhere. Copied.</param>
    /// <exception cref="EstreamInvalidKeyException">It has another length (<see cref="KeyFault.Length"/>).</exception>
    /// <exception cref="PlatformNotSupportedException">The system has no OpenSSL that computes it
    /// (<see cref="Ed25519.IsSupported"/>).</exception>
    public static Ed25519PublicKey Import(ReadOnlySpan<byte> encoded)
    {
        KeyCheck.Length(encoded, Ed25519.PublicKeyBytes, Ed25519.Name, "public key");
        EvpEd25519.Require();
        return new Ed25519PublicKey(encoded.ToArray());
    }

    /// <inheritdoc/>
    /// <remarks>False as well where a context is named: Ed25519 has none, and nothing can be signed for one.</remarks>
    public bool Verify(ReadOnlySpan<byte> data, ReadOnlySpan<byte> context, ReadOnlySpan<byte> signature) =>
        context.IsEmpty && signature.Length == Ed25519.SignatureBytes && EvpEd25519.Verify(_encoded, data, signature);

    /// <summary>Reads a key in its ASN.1 structure (RFC 8410), as OpenSSL writes it with <c>-outform DER</c>.</summary>
    /// <param name="info">A SubjectPublicKeyInfo in DER, from anywhere.</param>
    /// <exception cref="EstreamInvalidKeyException">It is no such structure (<see cref="KeyFault.Encoding"/>).</exception>
    /// <exception cref="PlatformNotSupportedException">The system has no OpenSSL that computes it.</exception>
    public static Ed25519PublicKey ImportSubjectPublicKeyInfo(ReadOnlySpan<byte> info)
    {
        if (info.Length != InfoPrefix.Length + Ed25519.PublicKeyBytes || !info.StartsWith(InfoPrefix))
        {
            KeyCheck.ThrowEncoding(Ed25519.Name, "SubjectPublicKeyInfo (DER)");
        }

        return Import(info[InfoPrefix.Length..]);
    }

    /// <summary>Writes the key in its ASN.1 structure: 44 bytes.</summary>
    public byte[] ExportSubjectPublicKeyInfo() => [.. InfoPrefix, .. _encoded];

    /// <summary>The SubjectPublicKeyInfo in PEM, which OpenSSL reads.</summary>
    public string ExportSubjectPublicKeyInfoPem() =>
        System.Security.Cryptography.PemEncoding.WriteString("PUBLIC KEY", ExportSubjectPublicKeyInfo()) + "\n";

    /// <summary>Reads a key file: what <see cref="Save"/> writes, or a SubjectPublicKeyInfo in PEM.</summary>
    /// <param name="path">Its path.</param>
    /// <exception cref="EstreamInvalidKeyException">It holds no such key.</exception>
    /// <exception cref="Estream.Core.EstreamStorageException">It cannot be read.</exception>
    /// <exception cref="PlatformNotSupportedException">The system has no OpenSSL that computes it.</exception>
    public static Ed25519PublicKey Load(string path) => KeyFile.LoadPublic(path, MaxFileBytes, ImportText);

    /// <summary>Reads the content of a key file, as <see cref="Load"/> does.</summary>
    /// <param name="text">From anywhere.</param>
    /// <exception cref="EstreamInvalidKeyException">It holds no such key.</exception>
    /// <exception cref="PlatformNotSupportedException">The system has no OpenSSL that computes it.</exception>
    public static Ed25519PublicKey ImportText(ReadOnlySpan<byte> text) =>
        KeyFile.ImportPublicText(text, Ed25519.Name, MaxFileBytes, Import, ImportSubjectPublicKeyInfo);

    /// <summary>Makes a key file: the line <c>algorithm: Ed25519</c>, and the key in base64 (RFC 4648, section 4).</summary>
    /// <param name="path">Its path, where nothing is yet.</param>
    /// <exception cref="Estream.Core.EstreamStorageException">It is there already, or cannot be made.</exception>
    public void Save(string path) => KeyFile.SavePublic(path, Ed25519.Name, _encoded);
}
