using System.Security.Cryptography;
using Estream.Crypto;

namespace Estream.Esf.Internal;

/// <summary>The key that content keys are sealed under for one reader in one session, from the secret of ML-KEM.</summary>
internal static class KeyEncryption
{
    private static ReadOnlySpan<byte> Label => "estream esf1 envelope 1"u8;

    /// <summary>A cipher under the key of a shared secret.</summary>
    public static AesGcm CipherOf(ReadOnlySpan<byte> sharedSecret)
    {
        Span<byte> key = stackalloc byte[SealedValue.KeyBytes];
        HKDF.DeriveKey(HashAlgorithmName.SHA256, sharedSecret, key, salt: [], Label);
        AesGcm cipher = new(key, SealedValue.TagBytes);
        CryptographicOperations.ZeroMemory(key);
        return cipher;
    }

    /// <summary>The id of a key: the first 8 bytes of the SHA-256 of the encapsulation key, as a little-endian number.</summary>
    public static ulong IdOf(MlKem1024PublicKey key)
    {
        Span<byte> encoded = stackalloc byte[MlKem1024.PublicKeyBytes];
        Span<byte> digest = stackalloc byte[SHA256.HashSizeInBytes];
        key.Export(encoded);
        SHA256.HashData(encoded, digest);
        return System.Buffers.Binary.BinaryPrimitives.ReadUInt64LittleEndian(digest);
    }

    /// <summary>The nonce of a message's number.</summary>
    public static void Nonce(ReadOnlySpan<byte> number, Span<byte> nonce)
    {
        nonce.Clear();
        number.CopyTo(nonce);
    }
}
