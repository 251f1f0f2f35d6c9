using System.Buffers.Binary;
using System.Security.Cryptography;

namespace Estream.Esf.Internal;

/// <summary>
/// A sealed value: a number (4 bytes), the ciphertext of AES-256-GCM, its tag (16 bytes). The top 8 bits of the number say which content
/// key of the envelope, the others which value of the message, so that no nonce occurs twice under a key.
/// </summary>
internal static class SealedValue
{
    public const int NumberBytes = sizeof(uint);
    public const int TagBytes = 16;
    public const int Overhead = NumberBytes + TagBytes;
    public const int KeyBytes = 32;
    public const int NonceBytes = 12;

    /// <summary>The most values of one message.</summary>
    public const int MaxValues = 1 << KeyShift;

    private const int KeyShift = 24;

    /// <summary>Which content key a sealed value was sealed under.</summary>
    public static int KeyOf(ReadOnlySpan<byte> region) => (int)(BinaryPrimitives.ReadUInt32LittleEndian(region) >> KeyShift);

    /// <summary>Seals a value into a region that has room for it, its number before it and its tag behind it. The region never holds it in
    /// clear.</summary>
    public static void Seal(AesGcm cipher, int key, uint value, ReadOnlySpan<byte> content, Span<byte> region, ReadOnlySpan<byte> name)
    {
        BinaryPrimitives.WriteUInt32LittleEndian(region, ((uint)key << KeyShift) | value);
        Span<byte> nonce = stackalloc byte[NonceBytes];
        nonce.Clear();
        region[..NumberBytes].CopyTo(nonce);
        cipher.Encrypt(nonce, content, region[NumberBytes..^TagBytes], region[^TagBytes..], name);
    }

    /// <summary>Opens a region in place; the content then stands behind the number.</summary>
    /// <returns>False when it does not authenticate; what stands there then is nothing.</returns>
    public static bool TryOpen(AesGcm cipher, Span<byte> region, ReadOnlySpan<byte> name)
    {
        Span<byte> nonce = stackalloc byte[NonceBytes];
        nonce.Clear();
        region[..NumberBytes].CopyTo(nonce);
        Span<byte> content = region[NumberBytes..^TagBytes];
        try
        {
            cipher.Decrypt(nonce, content, region[^TagBytes..], content, name);
            return true;
        }
        catch (AuthenticationTagMismatchException)
        {
            return false;
        }
    }
}
