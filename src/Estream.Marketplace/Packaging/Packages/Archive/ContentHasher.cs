using System.Security.Cryptography;
using Estream.Crypto;
using Estream.Marketplace.Hashing;

namespace Estream.Marketplace.Packages;

/// <summary>Computes both hashes of contents that arrive in pieces, one content after another. Not thread-safe.</summary>
internal sealed class ContentHasher : IDisposable
{
    private readonly IncrementalHash _sha256 = IncrementalHash.CreateHash(HashAlgorithmName.SHA256);
    private readonly Sha3Hasher _sha3 = new();
    private readonly byte[] _hashes = new byte[2 * Rfc9162.HashBytes];

    /// <summary>The SHA-256 of the last finished content.</summary>
    public ReadOnlySpan<byte> Sha256 => _hashes.AsSpan(0, Rfc9162.HashBytes);

    /// <summary>The SHA3-256 of the last finished content.</summary>
    public ReadOnlySpan<byte> Sha3 => _hashes.AsSpan(Rfc9162.HashBytes);

    public void Append(ReadOnlySpan<byte> data)
    {
        _sha256.AppendData(data);
        _sha3.Append(data);
    }

    /// <summary>Finishes a content and starts the next.</summary>
    public void Finish()
    {
        _ = _sha256.GetHashAndReset(_hashes);
        _sha3.GetHashAndReset(_hashes.AsSpan(Rfc9162.HashBytes));
    }

    public void Dispose() => _sha256.Dispose();
}
