using System.Buffers.Binary;

namespace Estream.Wire.Dnp3.Codec;

/// <summary>The control octet of a link frame without the direction bits: function codes of primary frames have bit 6 set (IEEE 1815,
/// 9.2.4.1.3).</summary>
internal enum LinkFunction : byte
{
    /// <summary>Secondary: acknowledges a frame.</summary>
    Ack = 0x00,

    /// <summary>Secondary: refuses a frame.</summary>
    Nack = 0x01,

    /// <summary>Secondary: answers <see cref="RequestLinkStatus"/>.</summary>
    LinkStatus = 0x0B,

    /// <summary>Secondary: the function is not supported.</summary>
    NotSupported = 0x0F,

    /// <summary>Primary: resets the frame count bit.</summary>
    ResetLink = 0x40,

    /// <summary>Primary: tests the link; obsolete.</summary>
    TestLink = 0x42,

    /// <summary>Primary: user data that the receiver acknowledges.</summary>
    ConfirmedUserData = 0x43,

    /// <summary>Primary: user data.</summary>
    UnconfirmedUserData = 0x44,

    /// <summary>Primary: asks for <see cref="LinkStatus"/>.</summary>
    RequestLinkStatus = 0x49,
}

/// <summary>The header of a link frame.</summary>
/// <param name="Function">The function, with bit 6 for a primary frame.</param>
/// <param name="IsFromMaster">The direction bit.</param>
/// <param name="IsFrameCountSet">The frame count bit of a primary frame.</param>
/// <param name="Destination">The address of the receiver.</param>
/// <param name="Source">The address of the sender.</param>
internal readonly record struct LinkHeader(
    LinkFunction Function, bool IsFromMaster, bool IsFrameCountSet, ushort Destination, ushort Source);

/// <summary>What the octets at the start of a buffer are.</summary>
internal enum LinkFrameStatus
{
    /// <summary>A valid frame.</summary>
    Ok,

    /// <summary>The start of a frame.</summary>
    Incomplete,

    /// <summary>No frame, or a frame with a wrong checksum.</summary>
    Invalid,
}

/// <summary>Reads and writes link frames in format FT3 (IEEE 1815, 9.2.4): a header block, and blocks of up to 16 octets, each with a
/// checksum.</summary>
internal static class LinkFrame
{
    /// <summary>The longest frame in octets.</summary>
    public const int MaxBytes = 292;

    /// <summary>The most user data of a frame in octets.</summary>
    public const int MaxUserBytes = 250;

    public const int HeaderBytes = 10;

    private const byte Start0 = 0x05;
    private const byte Start1 = 0x64;
    private const int BlockBytes = 16;
    private const int LengthWithoutUserData = 5;
    private const byte DirectionBit = 0x80;
    private const byte FrameCountBit = 0x20;
    private const byte FunctionMask = 0x4F;

    /// <summary>The length of a frame in octets.</summary>
    public static int Length(int userBytes) =>
        HeaderBytes + userBytes + (Dnp3Crc.Bytes * ((userBytes + BlockBytes - 1) / BlockBytes));

    /// <summary>Writes a frame.</summary>
    /// <param name="header">The header.</param>
    /// <param name="userData">At most <see cref="MaxUserBytes"/>.</param>
    /// <param name="destination">At least <see cref="Length"/>.</param>
    /// <returns>The octets written.</returns>
    public static int Write(in LinkHeader header, ReadOnlySpan<byte> userData, Span<byte> destination)
    {
        destination[0] = Start0;
        destination[1] = Start1;
        destination[2] = (byte)(LengthWithoutUserData + userData.Length);
        destination[3] = (byte)((byte)header.Function | (header.IsFromMaster ? DirectionBit : 0)
            | (header.IsFrameCountSet ? FrameCountBit : 0));
        BinaryPrimitives.WriteUInt16LittleEndian(destination[4..], header.Destination);
        BinaryPrimitives.WriteUInt16LittleEndian(destination[6..], header.Source);
        Dnp3Crc.Append(destination[..HeaderBytes]);
        int length = HeaderBytes;
        while (userData.Length > 0)
        {
            int count = Math.Min(BlockBytes, userData.Length);
            userData[..count].CopyTo(destination[length..]);
            Dnp3Crc.Append(destination.Slice(length, count + Dnp3Crc.Bytes));
            length += count + Dnp3Crc.Bytes;
            userData = userData[count..];
        }

        return length;
    }

    /// <summary>Reads the frame at the start of a buffer.</summary>
    /// <param name="bytes">Received octets.</param>
    /// <param name="userData">Receives the user data; at least <see cref="MaxUserBytes"/>.</param>
    /// <param name="header">The header.</param>
    /// <param name="userLength">Octets of user data.</param>
    /// <param name="consumed">Octets to drop from the buffer: the frame, or what cannot be the start of one.</param>
    public static LinkFrameStatus TryRead(
        ReadOnlySpan<byte> bytes, Span<byte> userData, out LinkHeader header, out int userLength, out int consumed)
    {
        header = default;
        userLength = 0;
        consumed = 0;
        int start = bytes.IndexOf(Start0);
        if (start != 0)
        {
            consumed = start < 0 ? bytes.Length : start;
            return consumed == 0 ? LinkFrameStatus.Incomplete : LinkFrameStatus.Invalid;
        }

        if (bytes.Length >= 2 && bytes[1] != Start1)
        {
            consumed = 1;
            return LinkFrameStatus.Invalid;
        }

        if (bytes.Length < HeaderBytes)
        {
            return LinkFrameStatus.Incomplete;
        }

        if (bytes[2] < LengthWithoutUserData || !Dnp3Crc.IsValid(bytes[..HeaderBytes]))
        {
            consumed = 1;
            return LinkFrameStatus.Invalid;
        }

        int count = bytes[2] - LengthWithoutUserData;
        int length = Length(count);
        if (bytes.Length < length)
        {
            return LinkFrameStatus.Incomplete;
        }

        header = ReadHeader(bytes);
        consumed = length;
        userLength = count;
        return TryReadBlocks(bytes[HeaderBytes..length], userData) ? LinkFrameStatus.Ok : LinkFrameStatus.Invalid;
    }

    private static LinkHeader ReadHeader(ReadOnlySpan<byte> bytes) => new(
        (LinkFunction)(bytes[3] & FunctionMask),
        (bytes[3] & DirectionBit) != 0,
        (bytes[3] & FrameCountBit) != 0,
        BinaryPrimitives.ReadUInt16LittleEndian(bytes[4..]),
        BinaryPrimitives.ReadUInt16LittleEndian(bytes[6..]));

    private static bool TryReadBlocks(ReadOnlySpan<byte> blocks, Span<byte> userData)
    {
        while (blocks.Length > 0)
        {
            int count = Math.Min(BlockBytes + Dnp3Crc.Bytes, blocks.Length);
            if (!Dnp3Crc.IsValid(blocks[..count]))
            {
                return false;
            }

            blocks[..(count - Dnp3Crc.Bytes)].CopyTo(userData);
            userData = userData[(count - Dnp3Crc.Bytes)..];
            blocks = blocks[count..];
        }

        return true;
    }
}
