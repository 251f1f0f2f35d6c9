using System.Buffers.Binary;
using System.Numerics;
using Estream.Crypto;
using Estream.Esf.Schema;

namespace Estream.Esf.Internal;

/// <summary>
/// The envelope at the end of a sealed message: version (1 byte), number of content keys (1), number of recipients (1), then the recipients
/// in ascending order of their key ids, then the total length of the envelope (4). <see cref="TryRead"/> checks the whole envelope before
/// any of it is used.
/// </summary>
internal readonly ref struct SealEnvelope
{
    public const byte CurrentVersion = 1;
    public const int LengthBytes = sizeof(uint);
    public const int HeadBytes = 3;

    private readonly ReadOnlySpan<byte> _recipients;

    private SealEnvelope(int start, int keyCount, int recipientCount, ReadOnlySpan<byte> recipients)
    {
        Start = start;
        KeyCount = keyCount;
        RecipientCount = recipientCount;
        _recipients = recipients;
    }

    /// <summary>The offset of the envelope in the message, which is the end of the records.</summary>
    public int Start { get; }

    /// <summary>The number of content keys.</summary>
    public int KeyCount { get; }

    /// <summary>The number of recipients, which are keys of readers.</summary>
    public int RecipientCount { get; }

    /// <summary>Returns the length of an envelope in bytes.</summary>
    /// <param name="masks">For each recipient, the mask of the content keys that it gets.</param>
    public static int LengthFor(ReadOnlySpan<uint> masks)
    {
        int length = HeadBytes + LengthBytes;
        foreach (uint mask in masks)
        {
            length += mask == 0 ? 0 : SealRecipient.LengthFor(mask);
        }

        return length;
    }

    /// <summary>Finds the envelope of a message that contains its whole fixed block.</summary>
    /// <param name="message">The message, of at most <see cref="EsfLimits.MaxMessageBytes"/>.</param>
    /// <param name="fixedLength">The offset of its variable section.</param>
    /// <param name="envelope">The envelope.</param>
    /// <returns>False if there is no valid envelope.</returns>
    public static bool TryRead(ReadOnlySpan<byte> message, int fixedLength, out SealEnvelope envelope)
    {
        envelope = default;
        if (message.Length - fixedLength < HeadBytes + LengthBytes)
        {
            return false;
        }

        uint length = BinaryPrimitives.ReadUInt32LittleEndian(message[^LengthBytes..]);
        if (length > (uint)(message.Length - fixedLength) || length < HeadBytes + LengthBytes)
        {
            return false;
        }

        int start = message.Length - (int)length;
        ReadOnlySpan<byte> bytes = message[start..^LengthBytes];
        envelope = new SealEnvelope(start, bytes[1], bytes[2], bytes[HeadBytes..]);
        return bytes[0] == CurrentVersion
            && envelope.KeyCount is > 0 and <= EsfLimits.MaxAudiences
            && envelope.RecipientCount is > 0 and <= EsfLimits.MaxRecipients
            && envelope.IsWhole();
    }

    /// <summary>Returns the first recipient of the remaining bytes, and advances them past it.</summary>
    public static bool TryTake(ref ReadOnlySpan<byte> rest, out SealRecipient recipient)
    {
        recipient = default;
        if (rest.Length < SealRecipient.HeadBytes)
        {
            return false;
        }

        int length = SealRecipient.LengthFor(SealRecipient.MaskOf(rest));
        if (rest.Length < length)
        {
            return false;
        }

        recipient = new SealRecipient(rest[..length]);
        rest = rest[length..];
        return true;
    }

    /// <summary>The recipients, to be read with <see cref="TryTake"/>.</summary>
    public ReadOnlySpan<byte> Recipients => _recipients;

    /// <summary>Whether any recipient gets one of some keys.</summary>
    public bool HasRecipientFor(uint keys)
    {
        ReadOnlySpan<byte> rest = _recipients;
        bool isFound = false;
        while (TryTake(ref rest, out SealRecipient recipient))
        {
            isFound |= (recipient.Mask & keys) != 0;
        }

        return isFound;
    }

    /// <summary>Writes an envelope for the recipients that get any of some keys, with all the keys that they get.</summary>
    /// <param name="keys">The keys, as bits.</param>
    /// <param name="destination">Receives the envelope.</param>
    /// <returns>The length of the envelope; 0 if it does not fit.</returns>
    public int CopyFor(uint keys, Span<byte> destination)
    {
        if (destination.Length < HeadBytes + LengthBytes)
        {
            return 0;
        }

        int count = 0;
        int end = HeadBytes;
        ReadOnlySpan<byte> rest = _recipients;
        while (TryTake(ref rest, out SealRecipient recipient))
        {
            if ((recipient.Mask & keys) == 0)
            {
                continue;
            }

            if (!recipient.Bytes.TryCopyTo(destination[end..^LengthBytes]))
            {
                return 0;
            }

            end += recipient.Bytes.Length;
            count++;
        }

        destination[0] = CurrentVersion;
        destination[1] = (byte)KeyCount;
        destination[2] = (byte)count;
        BinaryPrimitives.WriteInt32LittleEndian(destination[end..], end + LengthBytes);
        return end + LengthBytes;
    }

    private bool IsWhole()
    {
        ReadOnlySpan<byte> rest = _recipients;
        ulong before = 0;
        for (int i = 0; i < RecipientCount; i++)
        {
            if (!TryTake(ref rest, out SealRecipient recipient)
                || recipient.Mask == 0 || (ulong)recipient.Mask >> KeyCount != 0
                || (i > 0 && recipient.KeyId <= before))
            {
                return false;
            }

            before = recipient.KeyId;
        }

        return rest.IsEmpty;
    }
}

/// <summary>
/// A recipient in an envelope: key id (8 bytes), mask of the content keys that it gets (4), message number in the writer's session (8),
/// ML-KEM ciphertext (1568), then the content keys in the mask (32 each) encrypted with AES-256-GCM, and the tag (16).
/// </summary>
internal readonly ref struct SealRecipient
{
    /// <summary>The length of the part before the content keys, which is authenticated with them.</summary>
    public const int HeadBytes = CiphertextAt + MlKem1024.CiphertextBytes;

    public const int MaskAt = 8;
    public const int NumberAt = 12;
    public const int CiphertextAt = 20;

    private readonly ReadOnlySpan<byte> _bytes;

    public SealRecipient(ReadOnlySpan<byte> bytes)
    {
        _bytes = bytes;
    }

    /// <summary>All bytes of the recipient.</summary>
    public ReadOnlySpan<byte> Bytes => _bytes;

    public ulong KeyId => BinaryPrimitives.ReadUInt64LittleEndian(_bytes);

    public uint Mask => MaskOf(_bytes);

    /// <summary>The message number in the session, 8 bytes. It is the nonce.</summary>
    public ReadOnlySpan<byte> Number => _bytes.Slice(NumberAt, sizeof(ulong));

    public ReadOnlySpan<byte> Ciphertext => _bytes.Slice(CiphertextAt, MlKem1024.CiphertextBytes);

    public ReadOnlySpan<byte> Head => _bytes[..HeadBytes];

    public ReadOnlySpan<byte> SealedKeys => _bytes[HeadBytes..^SealedValue.TagBytes];

    public ReadOnlySpan<byte> Tag => _bytes[^SealedValue.TagBytes..];

    public static uint MaskOf(ReadOnlySpan<byte> bytes) => BinaryPrimitives.ReadUInt32LittleEndian(bytes[MaskAt..]);

    public static int LengthFor(uint mask) => HeadBytes + (BitOperations.PopCount(mask) * SealedValue.KeyBytes) + SealedValue.TagBytes;
}
