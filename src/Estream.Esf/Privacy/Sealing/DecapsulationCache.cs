using System.Security.Cryptography;
using Estream.Crypto;

namespace Estream.Esf.Internal;

/// <summary>A cache of session keys for a reader. All messages of a session repeat one ciphertext, so only the first costs a
/// decapsulation.</summary>
internal sealed class DecapsulationCache : IDisposable
{
    private const int MaxEntries = 64;

    private readonly Entry?[] _entries = new Entry?[MaxEntries];
    private int _next;

    /// <summary>Returns the cipher of a cached session, or null.</summary>
    public AesGcm? Find(ulong keyId, ReadOnlySpan<byte> ciphertext)
    {
        foreach (Entry? entry in _entries)
        {
            if (entry is null)
            {
                break;
            }

            if (entry.KeyId == keyId && ciphertext.SequenceEqual(entry.Ciphertext))
            {
                return entry.Cipher;
            }
        }

        return null;
    }

    /// <summary>Decapsulates a ciphertext from any source and returns its cipher.</summary>
    public static AesGcm Compute(MlKem1024PrivateKey key, ReadOnlySpan<byte> ciphertext)
    {
        Span<byte> secret = stackalloc byte[MlKem1024.SharedSecretBytes];
        key.Decapsulate(ciphertext, secret);
        AesGcm cipher = KeyEncryption.CipherOf(secret);
        CryptographicOperations.ZeroMemory(secret);
        return cipher;
    }

    /// <summary>Caches the cipher of a session, and disposes the cipher that it evicts.</summary>
    public void Add(ulong keyId, ReadOnlySpan<byte> ciphertext, AesGcm cipher)
    {
        _entries[_next]?.Cipher.Dispose();
        _entries[_next] = new Entry(keyId, ciphertext.ToArray(), cipher);
        _next = (_next + 1) % MaxEntries;
    }

    public void Dispose()
    {
        foreach (Entry? entry in _entries)
        {
            entry?.Cipher.Dispose();
        }

        Array.Clear(_entries);
    }

    private sealed record Entry(ulong KeyId, byte[] Ciphertext, AesGcm Cipher);
}
