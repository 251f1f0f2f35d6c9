using System.Buffers.Binary;
using System.Security.Cryptography;

namespace Estream.Esf.Internal;

/// <summary>
/// A sealed value: a number (4 bytes), the AES-256-GCM ciphertext, the tag (16 bytes). The top 8 bits of the number are the index of the
/// content key in the envelope. The lower 24 bits are the index of the value in the message, so no nonce repeats under a key.
/// </summary>
internal static class SealedValue
{
    public const int NumberBytes = sizeof(uint);
    public const int TagBytes = 16;
    public const int Overhead = NumberBytes + TagBytes;
    public const int KeyBytes = 32;
    public const int NonceBytes = 12;

    /// <summary>The maximum number of values of a message.</summary>
    public const int MaxValues = 1 << KeyShift;

    private const int KeyShift = 24;

    /// <summary>Returns the index of the content key under which a value was sealed.</summary>
    public static int KeyOf(ReadOnlySpan<byte> region) => (int)(BinaryPrimitives.ReadUInt32LittleEndian(region) >> KeyShift);

    /// <summary>Seals a value into a region, with its number before and its tag after the ciphertext. The region never contains the
    /// plaintext.</summary>
    public static void Seal(AesGcm cipher, int key, uint value, ReadOnlySpan<byte> content, Span<byte> region, ReadOnlySpan<byte> name)
    {
        BinaryPrimitives.WriteUInt32LittleEndian(region, ((uint)key << KeyShift) | value);
        Span<byte> nonce = stackalloc byte[NonceBytes];
        nonce.Clear();
        region[..NumberBytes].CopyTo(nonce);
        cipher.Encrypt(nonce, content, region[NumberBytes..^TagBytes], region[^TagBytes..], name);
    }

    /// <summary>Opens a region in place; the content then follows the number.</summary>
    /// <returns>False if the value does not authenticate; the region is then undefined.</returns>
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
