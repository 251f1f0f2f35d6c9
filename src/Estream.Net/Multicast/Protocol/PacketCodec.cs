using System.Buffers.Binary;
using Estream.Core;

namespace Estream.Net.Multicast.Internal;

/// <summary>Reads and writes the header of a packet. Stateless; never throws for received bytes, never allocates.</summary>
internal static class PacketCodec
{
    /// <summary>Reads a header and checks everything that needs no key: lengths, version, type, flags, checksum.</summary>
    /// <param name="packet">The received bytes.</param>
    /// <param name="header">The header.</param>
    /// <param name="body">The body, encrypted if the header says so, without the tag.</param>
    public static PacketStatus TryRead(ReadOnlySpan<byte> packet, out PacketHeader header, out ReadOnlySpan<byte> body)
    {
        header = default;
        body = default;
        if (packet.Length is < PacketLayout.HeaderBytes or > PacketLayout.MaxPacketBytes)
        {
            return PacketStatus.WrongLength;
        }

        if (BinaryPrimitives.ReadUInt16LittleEndian(packet) != PacketLayout.Magic)
        {
            return PacketStatus.WrongMagic;
        }

        if (packet[PacketLayout.VersionOffset] != PacketLayout.Version)
        {
            return PacketStatus.WrongVersion;
        }

        PacketType type = (PacketType)packet[PacketLayout.TypeOffset];
        if (type is < PacketType.Setup or > PacketType.Refusal)
        {
            return PacketStatus.WrongType;
        }

        PacketFlags flags = (PacketFlags)packet[PacketLayout.FlagsOffset];
        if ((flags & ~PacketFlags.All) != 0 || packet[PacketLayout.ReservedOffset] != 0)
        {
            return PacketStatus.WrongFlags;
        }

        int bodyLength = BinaryPrimitives.ReadUInt16LittleEndian(packet[PacketLayout.BodyLengthOffset..]);
        bool isEncrypted = (flags & PacketFlags.Encrypted) != 0;
        if (packet.Length != PacketLayout.HeaderBytes + bodyLength + (isEncrypted ? PacketLayout.TagBytes : 0))
        {
            return PacketStatus.WrongLength;
        }

        uint checksum = BinaryPrimitives.ReadUInt32LittleEndian(packet[PacketLayout.ChecksumOffset..]);
        body = packet.Slice(PacketLayout.HeaderBytes, bodyLength);
        if (checksum != (isEncrypted ? 0 : ChecksumOf(packet, body, [])))
        {
            return PacketStatus.WrongChecksum;
        }

        header = new PacketHeader(
            type,
            flags,
            BinaryPrimitives.ReadUInt64LittleEndian(packet[PacketLayout.SessionOffset..]),
            BinaryPrimitives.ReadUInt64LittleEndian(packet[PacketLayout.SenderOffset..]),
            BinaryPrimitives.ReadUInt64LittleEndian(packet[PacketLayout.NumberOffset..]),
            BinaryPrimitives.ReadUInt32LittleEndian(packet[PacketLayout.StreamOffset..]));
        return IsFromRightSide(header) ? PacketStatus.Ok : PacketStatus.WrongType;
    }

    /// <summary>Writes a header with checksum 0.</summary>
    /// <param name="packet">The start of the packet.</param>
    /// <param name="header">The header.</param>
    /// <param name="bodyLength">The length of the body without a tag.</param>
    public static void Write(Span<byte> packet, in PacketHeader header, int bodyLength)
    {
        BinaryPrimitives.WriteUInt16LittleEndian(packet, PacketLayout.Magic);
        packet[PacketLayout.VersionOffset] = PacketLayout.Version;
        packet[PacketLayout.TypeOffset] = (byte)header.Type;
        packet[PacketLayout.FlagsOffset] = (byte)header.Flags;
        packet[PacketLayout.ReservedOffset] = 0;
        BinaryPrimitives.WriteUInt16LittleEndian(packet[PacketLayout.BodyLengthOffset..], checked((ushort)bodyLength));
        BinaryPrimitives.WriteUInt64LittleEndian(packet[PacketLayout.SessionOffset..], header.Session);
        BinaryPrimitives.WriteUInt64LittleEndian(packet[PacketLayout.SenderOffset..], header.Sender);
        BinaryPrimitives.WriteUInt64LittleEndian(packet[PacketLayout.NumberOffset..], header.Number);
        BinaryPrimitives.WriteUInt32LittleEndian(packet[PacketLayout.StreamOffset..], header.Stream);
        BinaryPrimitives.WriteUInt32LittleEndian(packet[PacketLayout.ChecksumOffset..], 0);
    }

    /// <summary>Stores the checksum of a plaintext packet whose body is in two parts.</summary>
    public static void Seal(Span<byte> packet, ReadOnlySpan<byte> body, ReadOnlySpan<byte> rest) =>
        BinaryPrimitives.WriteUInt32LittleEndian(packet[PacketLayout.ChecksumOffset..], ChecksumOf(packet, body, rest));

    private static uint ChecksumOf(ReadOnlySpan<byte> packet, ReadOnlySpan<byte> body, ReadOnlySpan<byte> rest)
    {
        uint sum = Crc32C.Append(0, packet[..PacketLayout.ChecksumOffset]);
        return Crc32C.Append(Crc32C.Append(sum, body), rest);
    }

    private static bool IsFromRightSide(in PacketHeader header) => header.Type is PacketType.Nak or PacketType.Status
        ? !header.IsFromPublisher && (header.Session != 0 || header.Type == PacketType.Status)
        : header.IsFromPublisher && header.Session != 0;
}
