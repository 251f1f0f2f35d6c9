using System.Security.Cryptography;
using Estream.Crypto.Internal;
using Estream.Crypto.Internal.MlDsa;

namespace Estream.Crypto;

/// <content>The forms others exchange private keys in.</content>
public sealed partial class MlDsa87PrivateKey
{
    private const int MaxFileBytes = 32 << 10;

    /// <summary>Bytes of <see cref="ExportPkcs8PrivateKey"/>: 54 with a seed, 4,924 without one.</summary>
    public int Pkcs8PrivateKeyBytes => _hasSeed ? DsaKeyEncoding.SeedKeyBytes : DsaKeyEncoding.ExpandedKeyBytes(ParameterSet.MlDsa87);

    /// <summary>Reads a key in its ASN.1 structure (RFC 9881): a seed, an expanded key, or both, which then must be of each
    /// other.</summary>
    /// <param name="info">A PKCS#8 private key in DER, not encrypted. Copied; the caller clears its own.</param>
    /// <exception cref="EstreamInvalidKeyException">It is no such structure (<see cref="KeyFault.Encoding"/>), or the key in it is none
    /// (<see cref="Import"/>).</exception>
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

    /// <summary>Writes the key in its ASN.1 structure: as its seed where it has one, else in its expanded form.</summary>
    /// <param name="destination">Exactly <see cref="Pkcs8PrivateKeyBytes"/> bytes, which the caller clears.</param>
    /// <exception cref="ArgumentException">The destination has another length.</exception>
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

    /// <summary>Reads a key file: PKCS#8 in PEM, not encrypted, as <see cref="Save"/> and OpenSSL 3.5 write it.</summary>
    /// <param name="path">Its path. Only its owner may be able to use it.</param>
    /// <exception cref="EstreamInvalidKeyException">It holds no such key.</exception>
    /// <exception cref="Estream.Core.EstreamStorageException">It cannot be read, or others than its owner may use it.</exception>
    public static MlDsa87PrivateKey Load(string path) => KeyFile.LoadPrivate(path, MaxFileBytes, ImportPem);

    /// <summary>Reads the content of a key file, as <see cref="Load"/> does.</summary>
    /// <param name="text">PKCS#8 in PEM. The caller clears it.</param>
    /// <exception cref="EstreamInvalidKeyException">It holds no such key.</exception>
    public static MlDsa87PrivateKey ImportPem(ReadOnlySpan<byte> text) =>
        KeyFile.ImportPrivatePem(text, MlDsa87.Name, DsaKeyEncoding.MaxKeyBytes(ParameterSet.MlDsa87), ImportPkcs8PrivateKey);

    /// <summary>Makes a key file that only its owner may use: PKCS#8 in PEM, not encrypted.</summary>
    /// <param name="path">Its path, where nothing is yet.</param>
    /// <exception cref="Estream.Core.EstreamStorageException">It is there already, or cannot be made.</exception>
    /// <exception cref="ObjectDisposedException">The key was disposed.</exception>
    public void Save(string path) => KeyFile.SavePrivate(path, Pkcs8PrivateKeyBytes, ExportPkcs8PrivateKey);
}
