using Estream.Crypto.Internal;
using Estream.Crypto.Internal.MlDsa;

namespace Estream.Crypto;

/// <content>The forms others exchange public keys in.</content>
public sealed partial class MlDsa87PublicKey
{
    private const int MaxFileBytes = 16 << 10;

    /// <summary>Reads a key in its ASN.1 structure (RFC 9881), as OpenSSL 3.5 writes it with <c>-outform DER</c>.</summary>
    /// <param name="info">A SubjectPublicKeyInfo in DER, from anywhere.</param>
    /// <exception cref="EstreamInvalidKeyException">It is no such structure (<see cref="KeyFault.Encoding"/>), or the key in it has another
    /// length (<see cref="KeyFault.Length"/>).</exception>
    public static MlDsa87PublicKey ImportSubjectPublicKeyInfo(ReadOnlySpan<byte> info) =>
        Import(DsaKeyEncoding.ReadPublicKey(ParameterSet.MlDsa87, info));

    /// <summary>Writes the key in its ASN.1 structure: 2,614 bytes.</summary>
    public byte[] ExportSubjectPublicKeyInfo() => DsaKeyEncoding.WritePublicKey(ParameterSet.MlDsa87, _key.Encoded.Span);

    /// <summary>Reads a key file: what <see cref="Save"/> writes, or a SubjectPublicKeyInfo in PEM, as OpenSSL 3.5 writes it.</summary>
    /// <param name="path">Its path.</param>
    /// <exception cref="EstreamInvalidKeyException">It holds no such key.</exception>
    /// <exception cref="Estream.Core.EstreamStorageException">It cannot be read.</exception>
    public static MlDsa87PublicKey Load(string path) => KeyFile.LoadPublic(path, MaxFileBytes, ImportText);

    /// <summary>Reads the content of a key file, as <see cref="Load"/> does.</summary>
    /// <param name="text">From anywhere.</param>
    /// <exception cref="EstreamInvalidKeyException">It holds no such key.</exception>
    public static MlDsa87PublicKey ImportText(ReadOnlySpan<byte> text) =>
        KeyFile.ImportPublicText(text, MlDsa87.Name, MaxFileBytes, Import, ImportSubjectPublicKeyInfo);

    /// <summary>Makes a key file: the line <c>algorithm: ML-DSA-87</c>, and the encoded key in base64 (RFC 4648, section 4).</summary>
    /// <param name="path">Its path, where nothing is yet.</param>
    /// <exception cref="Estream.Core.EstreamStorageException">It is there already, or cannot be made.</exception>
    public void Save(string path) => KeyFile.SavePublic(path, MlDsa87.Name, _key.Encoded.Span);

    /// <summary>The SubjectPublicKeyInfo in PEM, which OpenSSL 3.5 reads.</summary>
    public string ExportSubjectPublicKeyInfoPem() =>
        System.Security.Cryptography.PemEncoding.WriteString("PUBLIC KEY", ExportSubjectPublicKeyInfo()) + "\n";
}
