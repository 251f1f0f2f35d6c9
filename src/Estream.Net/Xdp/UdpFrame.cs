using System.Buffers.Binary;

namespace Estream.Net.Xdp;

/// <summary>
/// The headers of a UDP packet on Ethernet: Ethernet II, IPv4 without options (RFC 791), UDP (RFC 768). Offsets are from the start of the
/// frame.
/// </summary>
internal static class UdpFrame
{
    public const int EtherType = 12;
    public const int Ip = 14;
    public const int TotalLength = 16;
    public const int Fragment = 20;
    public const int TimeToLive = 22;
    public const int Protocol = 23;
    public const int HeaderChecksum = 24;
    public const int Source = 26;
    public const int Destination = 30;
    public const int SourcePort = 34;
    public const int DestinationPort = 36;
    public const int UdpLength = 38;
    public const int UdpChecksum = 40;
    public const int HeaderBytes = 42;

    public const int IpHeaderBytes = 20;
    public const int UdpHeaderBytes = 8;
    public const ushort EtherTypeIPv4 = 0x0800;
    public const byte Version4HeaderWords5 = 0x45;
    public const byte ProtocolUdp = 17;

    /// <summary>The bits "more fragments" and "fragment offset".</summary>
    public const ushort FragmentMask = 0x3FFF;

    private const ushort DontFragment = 0x4000;
    private const byte UnicastTimeToLive = 64;

    /// <summary>Writes the headers of a destination, without lengths and checksums.</summary>
    /// <param name="headers">At least <see cref="HeaderBytes"/> bytes.</param>
    /// <param name="sourceMac">The hardware address of the interface.</param>
    /// <param name="destinationMac">The hardware address of the next hop.</param>
    /// <param name="source">The sender.</param>
    /// <param name="destination">The receiver.</param>
    /// <param name="multicastTimeToLive">The time to live if the receiver is a group.</param>
    public static void WriteTemplate(Span<byte> headers, ReadOnlySpan<byte> sourceMac, ReadOnlySpan<byte> destinationMac,
        PacketAddress source, PacketAddress destination, int multicastTimeToLive)
    {
        headers[..HeaderBytes].Clear();
        destinationMac.CopyTo(headers);
        sourceMac.CopyTo(headers[destinationMac.Length..]);
        BinaryPrimitives.WriteUInt16BigEndian(headers[EtherType..], EtherTypeIPv4);
        headers[Ip] = Version4HeaderWords5;

        // The identification stays 0: a packet that is never fragmented needs none (RFC 6864, 4.1).
        BinaryPrimitives.WriteUInt16BigEndian(headers[Fragment..], DontFragment);
        headers[TimeToLive] = destination.IsMulticast ? (byte)multicastTimeToLive : UnicastTimeToLive;
        headers[Protocol] = ProtocolUdp;
        BinaryPrimitives.WriteUInt32BigEndian(headers[Source..], source.IPv4);
        BinaryPrimitives.WriteUInt32BigEndian(headers[Destination..], destination.IPv4);
        BinaryPrimitives.WriteUInt16BigEndian(headers[SourcePort..], source.Port);
        BinaryPrimitives.WriteUInt16BigEndian(headers[DestinationPort..], destination.Port);
    }

    /// <summary>Completes a frame: copies the template and sets lengths and checksums.</summary>
    /// <param name="frame">The headers followed by the payload.</param>
    /// <param name="template">The headers of the destination.</param>
    /// <param name="templateSum">The <see cref="InternetChecksum.Sum"/> of the IP header of the template.</param>
    /// <param name="pseudoSum">The <see cref="PseudoHeaderSum"/> of the template.</param>
    /// <param name="useChecksum">Whether to calculate the UDP checksum, which is optional with IPv4.</param>
    public static void Complete(Span<byte> frame, ReadOnlySpan<byte> template, ulong templateSum, ulong pseudoSum, bool useChecksum)
    {
        template[..HeaderBytes].CopyTo(frame);
        int ipLength = frame.Length - Ip;
        int udpLength = ipLength - IpHeaderBytes;
        BinaryPrimitives.WriteUInt16BigEndian(frame[TotalLength..], (ushort)ipLength);
        BinaryPrimitives.WriteUInt16BigEndian(frame[UdpLength..], (ushort)udpLength);
        ushort ipLengthAsLoaded = BinaryPrimitives.ReverseEndianness((ushort)ipLength);
        InternetChecksum.Write(frame[HeaderChecksum..], (ushort)~InternetChecksum.Fold(templateSum + ipLengthAsLoaded));
        if (useChecksum)
        {
            ulong sum = pseudoSum + BinaryPrimitives.ReverseEndianness((ushort)udpLength) + InternetChecksum.Sum(frame[SourcePort..]);
            ushort checksum = (ushort)~InternetChecksum.Fold(sum);

            // 0 would mean "no checksum"; its other form in ones' complement means 0 (RFC 768).
            InternetChecksum.Write(frame[UdpChecksum..], checksum == 0 ? (ushort)0xFFFF : checksum);
        }
    }

    /// <summary>The sum of the addresses and the protocol that a UDP checksum covers; the length is added for each packet.</summary>
    /// <param name="headers">The headers, or a whole frame.</param>
    public static ulong PseudoHeaderSum(ReadOnlySpan<byte> headers) =>
        InternetChecksum.Sum(headers[Source..(Destination + 4)]) + BinaryPrimitives.ReverseEndianness((ushort)ProtocolUdp);

    /// <summary>Writes the Ethernet address of an IPv4 group: 01:00:5e and the lower 23 bits of the group (RFC 1112, 6.4).</summary>
    public static void WriteMulticastMac(Span<byte> mac, uint group)
    {
        BinaryPrimitives.WriteUInt16BigEndian(mac, 0x0100);
        BinaryPrimitives.WriteUInt32BigEndian(mac[2..], 0x5E000000 | (group & 0x7FFFFF));
    }
}
