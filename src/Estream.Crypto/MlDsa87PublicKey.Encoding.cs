using Estream.Crypto.Internal;
using Estream.Crypto.Internal.MlDsa;

namespace Estream.Crypto;

/// <content>Import and export in the standard formats of public keys.</content>
public sealed partial class MlDsa87PublicKey
{
    private const int MaxFileBytes = 16 << 10;

    /// <summary>Reads a key from its ASN.1 structure (RFC 9881), as OpenSSL 3.5 writes it with <c>-outform DER</c>.</summary>
    /// <param name="info">A SubjectPublicKeyInfo in DER, from any source.</param>
    /// <exception cref="EstreamInvalidKeyException">The bytes are not such a structure (<see cref="KeyFault.Encoding"/>), or the key in it
    /// has the wrong length (<see cref="KeyFault.Length"/>).</exception>
    public static MlDsa87PublicKey ImportSubjectPublicKeyInfo(ReadOnlySpan<byte> info) =>
        Import(DsaKeyEncoding.ReadPublicKey(ParameterSet.MlDsa87, info));

    /// <summary>Returns the key in its ASN.1 structure (SubjectPublicKeyInfo in DER): 2,614 bytes.</summary>
    public byte[] ExportSubjectPublicKeyInfo() => DsaKeyEncoding.WritePublicKey(ParameterSet.MlDsa87, _key.Encoded.Span);

    /// <summary>Reads a key file: the format written by <see cref="Save"/>, or a SubjectPublicKeyInfo in PEM, as OpenSSL 3.5 writes
    /// it.</summary>
    /// <param name="path">The path of the file.</param>
    /// <exception cref="EstreamInvalidKeyException">The file does not contain an ML-DSA-87 public key.</exception>
    /// <exception cref="Estream.Core.EstreamStorageException">The file cannot be read.</exception>
    public static MlDsa87PublicKey Load(string path) => KeyFile.LoadPublic(path, MaxFileBytes, ImportText);

    /// <summary>Reads the content of a key file, in the formats of <see cref="Load"/>.</summary>
    /// <param name="text">The content, from any source.</param>
    /// <exception cref="EstreamInvalidKeyException">The text does not contain an ML-DSA-87 public key.</exception>
    public static MlDsa87PublicKey ImportText(ReadOnlySpan<byte> text) =>
        KeyFile.ImportPublicText(text, MlDsa87.Name, MaxFileBytes, Import, ImportSubjectPublicKeyInfo);

    /// <summary>Creates a key file: the line <c>algorithm: ML-DSA-87</c>, then the encoded key in base64 (RFC 4648, section 4).</summary>
    /// <param name="path">The path of the new file. No file may exist there.</param>
    /// <exception cref="Estream.Core.EstreamStorageException">The file exists already, or cannot be created.</exception>
    public void Save(string path) => KeyFile.SavePublic(path, MlDsa87.Name, _key.Encoded.Span);

    /// <summary>Returns the SubjectPublicKeyInfo in PEM, which OpenSSL 3.5 can read.</summary>
    public string ExportSubjectPublicKeyInfoPem() =>
        System.Security.Cryptography.PemEncoding.WriteString("PUBLIC KEY", ExportSubjectPublicKeyInfo()) + "\n";
}
