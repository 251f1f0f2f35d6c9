using System.Buffers.Binary;
using System.Security.Cryptography;
using Estream.Esf;

namespace Estream.Streams;

/// <summary>
/// Encrypts the entries of a vault. The keys of indexes and entries are derived from the vault key by HKDF-SHA-256; an entry is bound to
/// its index, so that no two entries can be swapped. Not thread-safe.
/// </summary>
internal sealed class VaultCipher : IDisposable
{
    private const int NonceBytes = 12;
    private const int TagBytes = 16;
    private const int TextBytes = VaultEntry.Bytes - NonceBytes - TagBytes;
    private const byte CardMark = 1;
    private const byte TokenMark = 2;

    private readonly byte[] _indexKey = GC.AllocateArray<byte>(HMACSHA256.HashSizeInBytes, pinned: true);
    private readonly AesGcm _entries;

    public VaultCipher(CardVaultKey key)
    {
        Span<byte> entryKey = stackalloc byte[CardVaultKey.Bytes];
        key.Derive("estream card vault 1 index"u8, _indexKey);
        key.Derive("estream card vault 1 entry"u8, entryKey);
        _entries = new AesGcm(entryKey, TagBytes);
        CryptographicOperations.ZeroMemory(entryKey);
    }

    /// <summary>Returns the index of the entry with the token of a card.</summary>
    public VaultIndex OfCard(ReadOnlySpan<byte> card) => IndexOf(CardMark, card);

    /// <summary>Returns the index of the entry with the card of a token.</summary>
    public VaultIndex OfToken(ReadOnlySpan<byte> token) => IndexOf(TokenMark, token);

    public VaultEntry Seal(in VaultIndex index, ReadOnlySpan<byte> digits)
    {
        Span<byte> bytes = stackalloc byte[VaultEntry.Bytes];
        Span<byte> text = stackalloc byte[TextBytes];
        Span<byte> bound = stackalloc byte[HMACSHA256.HashSizeInBytes];
        index.CopyTo(bound);
        text.Clear();
        text[0] = (byte)digits.Length;
        digits.CopyTo(text[1..]);
        RandomNumberGenerator.Fill(bytes[..NonceBytes]);
        _entries.Encrypt(bytes[..NonceBytes], text, bytes.Slice(NonceBytes, TextBytes), bytes[^TagBytes..], bound);
        CryptographicOperations.ZeroMemory(text);
        return VaultEntry.Of(bytes);
    }

    /// <returns>False if the entry does not authenticate, or belongs to another index.</returns>
    public bool TryOpen(in VaultIndex index, in VaultEntry entry, Span<byte> digits, out int length)
    {
        Span<byte> bytes = stackalloc byte[VaultEntry.Bytes];
        Span<byte> text = stackalloc byte[TextBytes];
        Span<byte> bound = stackalloc byte[HMACSHA256.HashSizeInBytes];
        index.CopyTo(bound);
        entry.CopyTo(bytes);
        length = 0;
        try
        {
            _entries.Decrypt(bytes[..NonceBytes], bytes.Slice(NonceBytes, TextBytes), bytes[^TagBytes..], text, bound);
            length = Math.Min((int)text[0], EsfCardNumber.MaxDigits);
            text.Slice(1, length).CopyTo(digits);
            return true;
        }
        catch (AuthenticationTagMismatchException)
        {
            return false;
        }
        finally
        {
            CryptographicOperations.ZeroMemory(text);
        }
    }

    public void Dispose()
    {
        _entries.Dispose();
        CryptographicOperations.ZeroMemory(_indexKey);
    }

    private VaultIndex IndexOf(byte mark, ReadOnlySpan<byte> digits)
    {
        Span<byte> text = stackalloc byte[1 + EsfCardNumber.MaxDigits];
        Span<byte> hash = stackalloc byte[HMACSHA256.HashSizeInBytes];
        text[0] = mark;
        digits.CopyTo(text[1..]);
        HMACSHA256.HashData(_indexKey, text[..(1 + digits.Length)], hash);
        CryptographicOperations.ZeroMemory(text);
        return VaultIndex.Of(hash);
    }
}

/// <summary>An entry of a vault, 48 bytes: nonce (12); encrypted with AES-256-GCM the number of digits (1) and the digits padded with zeros
/// (19); tag (16).</summary>
internal readonly record struct VaultEntry(ulong A, ulong B, ulong C, ulong D, ulong E, ulong F)
{
    public const int Bytes = 6 * sizeof(ulong);

    public static VaultEntry Of(ReadOnlySpan<byte> bytes) =>
        new(At(bytes, 0), At(bytes, 1), At(bytes, 2), At(bytes, 3), At(bytes, 4), At(bytes, 5));

    public void CopyTo(Span<byte> destination)
    {
        ReadOnlySpan<ulong> words = [A, B, C, D, E, F];
        for (int i = 0; i < words.Length; i++)
        {
            BinaryPrimitives.WriteUInt64LittleEndian(destination[(i * sizeof(ulong))..], words[i]);
        }
    }

    private static ulong At(ReadOnlySpan<byte> bytes, int word) => BinaryPrimitives.ReadUInt64LittleEndian(bytes[(word * sizeof(ulong))..]);
}

/// <summary>The index of an entry of a vault: an HMAC-SHA-256, 32 bytes.</summary>
internal readonly record struct VaultIndex(ulong A, ulong B, ulong C, ulong D)
{
    /// <summary>The index of the entry that proves the key: all zeros, which in practice no HMAC has.</summary>
    public static VaultIndex Proof => default;

    public static VaultIndex Of(ReadOnlySpan<byte> hash) => new(
        BinaryPrimitives.ReadUInt64LittleEndian(hash), BinaryPrimitives.ReadUInt64LittleEndian(hash[8..]),
        BinaryPrimitives.ReadUInt64LittleEndian(hash[16..]), BinaryPrimitives.ReadUInt64LittleEndian(hash[24..]));

    public void CopyTo(Span<byte> destination)
    {
        BinaryPrimitives.WriteUInt64LittleEndian(destination, A);
        BinaryPrimitives.WriteUInt64LittleEndian(destination[8..], B);
        BinaryPrimitives.WriteUInt64LittleEndian(destination[16..], C);
        BinaryPrimitives.WriteUInt64LittleEndian(destination[(HMACSHA256.HashSizeInBytes - sizeof(ulong))..], D);
    }
}
