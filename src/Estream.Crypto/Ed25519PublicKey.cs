using Estream.Crypto.Internal;
using Estream.Crypto.Internal.OpenSsl;

namespace Estream.Crypto;

/// <summary>A public key of Ed25519 (RFC 8032): verifies signatures made with the matching private key.</summary>
/// <remarks>Immutable and thread-safe. Holds only the 32 encoded bytes; each verification passes them to the system's OpenSSL.</remarks>
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

    // SubjectPublicKeyInfo of RFC 8410 up to the key. Its length is fixed, so DER allows a single encoding.
    private static ReadOnlySpan<byte> InfoPrefix => [0x30, 0x2A, 0x30, 0x05, 0x06, 0x03, 0x2B, 0x65, 0x70, 0x03, 0x21, 0x00];

    /// <summary>Reads a key. Accepts any bytes of the right length; if they do not encode a point of the curve, no signature verifies with
    /// the key.</summary>
    /// <param name="encoded"><see cref="Ed25519.PublicKeyBytes"/> bytes from any source. Copied.</param>
    /// <exception cref="EstreamInvalidKeyException">The key has the wrong length (<see cref="KeyFault.Length"/>).</exception>
    /// <exception cref="PlatformNotSupportedException">The system has no OpenSSL that supports Ed25519
    /// (<see cref="Ed25519.IsSupported"/>).</exception>
    public static Ed25519PublicKey Import(ReadOnlySpan<byte> encoded)
    {
        KeyCheck.Length(encoded, Ed25519.PublicKeyBytes, Ed25519.Name, "public key");
        EvpEd25519.Require();
        return new Ed25519PublicKey(encoded.ToArray());
    }

    /// <inheritdoc/>
    /// <remarks>Also returns false for a non-empty context: Ed25519 has no contexts, so no valid signature can have one.</remarks>
    public bool Verify(ReadOnlySpan<byte> data, ReadOnlySpan<byte> context, ReadOnlySpan<byte> signature) =>
        context.IsEmpty && signature.Length == Ed25519.SignatureBytes && EvpEd25519.Verify(_encoded, data, signature);

    /// <summary>Reads a key from its ASN.1 structure (RFC 8410), as OpenSSL writes it with <c>-outform DER</c>.</summary>
    /// <param name="info">A SubjectPublicKeyInfo in DER, from any source.</param>
    /// <exception cref="EstreamInvalidKeyException">The bytes are not such a structure (<see cref="KeyFault.Encoding"/>).</exception>
    /// <exception cref="PlatformNotSupportedException">The system has no OpenSSL that supports Ed25519.</exception>
    public static Ed25519PublicKey ImportSubjectPublicKeyInfo(ReadOnlySpan<byte> info)
    {
        if (info.Length != InfoPrefix.Length + Ed25519.PublicKeyBytes || !info.StartsWith(InfoPrefix))
        {
            KeyCheck.ThrowEncoding(Ed25519.Name, "SubjectPublicKeyInfo (DER)");
        }

        return Import(info[InfoPrefix.Length..]);
    }

    /// <summary>Returns the key in its ASN.1 structure (SubjectPublicKeyInfo in DER): 44 bytes.</summary>
    public byte[] ExportSubjectPublicKeyInfo() => [.. InfoPrefix, .. _encoded];

    /// <summary>Returns the SubjectPublicKeyInfo in PEM, which OpenSSL can read.</summary>
    public string ExportSubjectPublicKeyInfoPem() =>
        System.Security.Cryptography.PemEncoding.WriteString("PUBLIC KEY", ExportSubjectPublicKeyInfo()) + "\n";

    /// <summary>Reads a key file: the format written by <see cref="Save"/>, or a SubjectPublicKeyInfo in PEM.</summary>
    /// <param name="path">The path of the file.</param>
    /// <exception cref="EstreamInvalidKeyException">The file does not contain an Ed25519 public key.</exception>
    /// <exception cref="Estream.Core.EstreamStorageException">The file cannot be read.</exception>
    /// <exception cref="PlatformNotSupportedException">The system has no OpenSSL that supports Ed25519.</exception>
    public static Ed25519PublicKey Load(string path) => KeyFile.LoadPublic(path, MaxFileBytes, ImportText);

    /// <summary>Reads the content of a key file, in the formats of <see cref="Load"/>.</summary>
    /// <param name="text">The content, from any source.</param>
    /// <exception cref="EstreamInvalidKeyException">The text does not contain an Ed25519 public key.</exception>
    /// <exception cref="PlatformNotSupportedException">The system has no OpenSSL that supports Ed25519.</exception>
    public static Ed25519PublicKey ImportText(ReadOnlySpan<byte> text) =>
        KeyFile.ImportPublicText(text, Ed25519.Name, MaxFileBytes, Import, ImportSubjectPublicKeyInfo);

    /// <summary>Creates a key file: the line <c>algorithm: Ed25519</c>, then the key in base64 (RFC 4648, section 4).</summary>
    /// <param name="path">The path of the new file. No file may exist there.</param>
    /// <exception cref="Estream.Core.EstreamStorageException">The file exists already, or cannot be created.</exception>
    public void Save(string path) => KeyFile.SavePublic(path, Ed25519.Name, _encoded);
}
