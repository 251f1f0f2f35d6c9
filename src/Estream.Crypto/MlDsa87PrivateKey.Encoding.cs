using System.Security.Cryptography;
using Estream.Crypto.Internal;
using Estream.Crypto.Internal.MlDsa;

namespace Estream.Crypto;

/// <content>Import and export in the standard formats of private keys.</content>
public sealed partial class MlDsa87PrivateKey
{
    private const int MaxFileBytes = 32 << 10;

    /// <summary>The number of bytes that <see cref="ExportPkcs8PrivateKey"/> writes: 54 with a seed, 4,924 without one.</summary>
    public int Pkcs8PrivateKeyBytes => _hasSeed ? DsaKeyEncoding.SeedKeyBytes : DsaKeyEncoding.ExpandedKeyBytes(ParameterSet.MlDsa87);

    /// <summary>Reads a key from its ASN.1 structure (RFC 9881): a seed, an expanded key, or both. If both are present, the expanded key
    /// must match the seed.</summary>
    /// <param name="info">An unencrypted PKCS#8 private key in DER. Copied; the caller clears its own copy.</param>
    /// <exception cref="EstreamInvalidKeyException">The bytes are not such a structure (<see cref="KeyFault.Encoding"/>), or the key in it
    /// fails the checks of <see cref="Import"/>.</exception>
    public static MlDsa87PrivateKey ImportPkcs8PrivateKey(ReadOnlySpan<byte> info)
    {
        DsaKeyEncoding.ReadPrivateKey(ParameterSet.MlDsa87, info, out ReadOnlySpan<byte> seed, out ReadOnlySpan<byte> expanded);
        if (seed.IsEmpty)
        {
            return Import(expanded);
        }

        MlDsa87PrivateKey key = ImportSeed(seed);
        if (!expanded.IsEmpty && !CryptographicOperations.FixedTimeEquals(expanded, key._expanded))
        {
            key.Dispose();
            KeyCheck.ThrowDerived(MlDsa87.Name);
        }

        return key;
    }

    /// <summary>Writes the key in its ASN.1 structure: as its seed if <see cref="HasSeed"/>, otherwise in its expanded form.</summary>
    /// <param name="destination">Receives the structure: exactly <see cref="Pkcs8PrivateKeyBytes"/> bytes. The caller clears it.</param>
    /// <exception cref="ArgumentException">The destination has the wrong length.</exception>
    /// <exception cref="ObjectDisposedException">The key was disposed.</exception>
    public void ExportPkcs8PrivateKey(Span<byte> destination)
    {
        ObjectDisposedException.ThrowIf(_isDisposed, this);
        KeyCheck.Argument(destination.Length, Pkcs8PrivateKeyBytes, nameof(destination));
        if (_hasSeed)
        {
            DsaKeyEncoding.WriteSeed(ParameterSet.MlDsa87, _seed, destination);
        }
        else
        {
            DsaKeyEncoding.WriteExpanded(ParameterSet.MlDsa87, _expanded, destination);
        }
    }

    /// <summary>Reads a key file: unencrypted PKCS#8 in PEM, as written by <see cref="Save"/> and OpenSSL 3.5.</summary>
    /// <param name="path">The path of the file. Only its owner may have access.</param>
    /// <exception cref="EstreamInvalidKeyException">The file does not contain an ML-DSA-87 private key.</exception>
    /// <exception cref="Estream.Core.EstreamStorageException">The file cannot be read, or users other than its owner have
    /// access.</exception>
    public static MlDsa87PrivateKey Load(string path) => KeyFile.LoadPrivate(path, MaxFileBytes, ImportPem);

    /// <summary>Reads the content of a key file, in the format of <see cref="Load"/>.</summary>
    /// <param name="text">Unencrypted PKCS#8 in PEM. The caller clears it.</param>
    /// <exception cref="EstreamInvalidKeyException">The text does not contain an ML-DSA-87 private key.</exception>
    public static MlDsa87PrivateKey ImportPem(ReadOnlySpan<byte> text) =>
        KeyFile.ImportPrivatePem(text, MlDsa87.Name, DsaKeyEncoding.MaxKeyBytes(ParameterSet.MlDsa87), ImportPkcs8PrivateKey);

    /// <summary>Creates a key file that only its owner can access: unencrypted PKCS#8 in PEM.</summary>
    /// <param name="path">The path of the new file. No file may exist there.</param>
    /// <exception cref="Estream.Core.EstreamStorageException">The file exists already, or cannot be created.</exception>
    /// <exception cref="ObjectDisposedException">The key was disposed.</exception>
    public void Save(string path) => KeyFile.SavePrivate(path, Pkcs8PrivateKeyBytes, ExportPkcs8PrivateKey);
}
