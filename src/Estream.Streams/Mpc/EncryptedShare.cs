using System.Buffers.Binary;
using System.Security.Cryptography;
using Estream.Crypto;

namespace Estream.Streams.Mpc;

/// <summary>
/// A share encrypted for its receiver: ML-KEM-1024 encapsulation for the receiver's key, and AES-256-GCM with a key derived from the shared
/// secret. Each key encrypts a single share, so the nonce is zero. The shared secret also yields the key with which the receiver
/// authenticates its posts to the dealer, because only these two parties have it.
/// </summary>
internal static class EncryptedShare
{
    public const int Bytes = MlKem1024.CiphertextBytes + ContentBytes + TagBytes;
    public const int BlindBytes = 32;
    public const int KeyBytes = 32;

    private const int ContentBytes = sizeof(ulong) + BlindBytes;
    private const int TagBytes = 16;
    private const int NonceBytes = 12;
    private const int LabelBytes = MpcHash.Bytes + 8;

    public static void Seal(MlKem1024PublicKey receiverKey, ReadOnlySpan<byte> start, int dealer, int receiver, ulong share,
        ReadOnlySpan<byte> blind, Span<byte> box, Span<byte> authentication)
    {
        Span<byte> secret = stackalloc byte[MlKem1024.SharedSecretBytes];
        Span<byte> keys = stackalloc byte[2 * KeyBytes];
        Span<byte> content = stackalloc byte[ContentBytes];
        Span<byte> label = stackalloc byte[LabelBytes];
        receiverKey.Encapsulate(box[..MlKem1024.CiphertextBytes], secret);
        Derive(secret, start, dealer, receiver, keys, label);
        BinaryPrimitives.WriteUInt64LittleEndian(content, share);
        blind.CopyTo(content[sizeof(ulong)..]);
        Span<byte> sealedContent = box[MlKem1024.CiphertextBytes..];
        using (var cipher = new AesGcm(keys[..KeyBytes], TagBytes))
        {
            cipher.Encrypt(stackalloc byte[NonceBytes], content, sealedContent[..ContentBytes], sealedContent[ContentBytes..], label);
        }

        keys[KeyBytes..].CopyTo(authentication);
        Forget(secret, keys, content);
    }

    /// <returns>True if the box authenticates and contains a valid number.</returns>
    public static bool TryOpen(MlKem1024PrivateKey key, ReadOnlySpan<byte> start, int dealer, int receiver, ReadOnlySpan<byte> box,
        out ulong share, Span<byte> blind, Span<byte> authentication)
    {
        Span<byte> secret = stackalloc byte[MlKem1024.SharedSecretBytes];
        Span<byte> keys = stackalloc byte[2 * KeyBytes];
        Span<byte> content = stackalloc byte[ContentBytes];
        Span<byte> label = stackalloc byte[LabelBytes];
        key.Decapsulate(box[..MlKem1024.CiphertextBytes], secret);
        Derive(secret, start, dealer, receiver, keys, label);
        keys[KeyBytes..].CopyTo(authentication);
        ReadOnlySpan<byte> sealedContent = box[MlKem1024.CiphertextBytes..];
        bool isWhole;
        try
        {
            using var cipher = new AesGcm(keys[..KeyBytes], TagBytes);
            cipher.Decrypt(stackalloc byte[NonceBytes], sealedContent[..ContentBytes], sealedContent[ContentBytes..], content, label);
            isWhole = true;
        }
        catch (AuthenticationTagMismatchException)
        {
            isWhole = false;
        }

        share = BinaryPrimitives.ReadUInt64LittleEndian(content);
        content[sizeof(ulong)..].CopyTo(blind);
        Forget(secret, keys, content);
        return isWhole && share < Field61.Modulus;
    }

    // Binds the keys to the session, all its parties and their keys: the digest of the start covers them.
    private static void Derive(ReadOnlySpan<byte> secret, ReadOnlySpan<byte> start, int dealer, int receiver, Span<byte> keys,
        Span<byte> label)
    {
        start.CopyTo(label);
        BinaryPrimitives.WriteInt32LittleEndian(label[MpcHash.Bytes..], dealer);
        BinaryPrimitives.WriteInt32LittleEndian(label[(MpcHash.Bytes + 4)..], receiver);
        HKDF.DeriveKey(HashAlgorithmName.SHA256, secret, keys, "estream mpc box 1"u8, label);
    }

    private static void Forget(Span<byte> secret, Span<byte> keys, Span<byte> content)
    {
        CryptographicOperations.ZeroMemory(secret);
        CryptographicOperations.ZeroMemory(keys);
        CryptographicOperations.ZeroMemory(content);
    }
}
