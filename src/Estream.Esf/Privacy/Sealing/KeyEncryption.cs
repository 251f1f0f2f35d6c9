using System.Security.Cryptography;
using Estream.Crypto;

namespace Estream.Esf.Internal;

/// <summary>Derives, from the ML-KEM shared secret, the key that encrypts the content keys for one reader in one session.</summary>
internal static class KeyEncryption
{
    private static ReadOnlySpan<byte> Label => "estream esf1 envelope 1"u8;

    /// <summary>Returns a cipher with the key derived from a shared secret.</summary>
    public static AesGcm CipherOf(ReadOnlySpan<byte> sharedSecret)
    {
        Span<byte> key = stackalloc byte[SealedValue.KeyBytes];
        HKDF.DeriveKey(HashAlgorithmName.SHA256, sharedSecret, key, salt: [], Label);
        AesGcm cipher = new(key, SealedValue.TagBytes);
        CryptographicOperations.ZeroMemory(key);
        return cipher;
    }

    /// <summary>Returns the id of a key: the first 8 bytes of the SHA-256 of the encapsulation key, as a little-endian number.</summary>
    public static ulong IdOf(MlKem1024PublicKey key)
    {
        Span<byte> encoded = stackalloc byte[MlKem1024.PublicKeyBytes];
        Span<byte> digest = stackalloc byte[SHA256.HashSizeInBytes];
        key.Export(encoded);
        SHA256.HashData(encoded, digest);
        return System.Buffers.Binary.BinaryPrimitives.ReadUInt64LittleEndian(digest);
    }

    /// <summary>Writes the nonce for a message number.</summary>
    public static void Nonce(ReadOnlySpan<byte> number, Span<byte> nonce)
    {
        nonce.Clear();
        number.CopyTo(nonce);
    }
}
