using System.Buffers.Binary;

namespace Estream.Net.Xdp;

/// <summary>Validates a received Ethernet frame with a UDP packet, in place. The bytes come from any sender; no content of theirs makes it
/// read outside the frame, throw or allocate.</summary>
internal static class UdpFrameParser
{
    /// <summary>Parses a frame.</summary>
    /// <param name="frame">The frame, without the frame check sequence.</param>
    /// <param name="verifyChecksum">Whether to verify the UDP checksum. The checksum of the IP header is always verified.</param>
    /// <param name="payloadLength">The length of the payload, which starts at <see cref="UdpFrame.HeaderBytes"/>. Shorter than the rest of
    /// the frame if Ethernet padded the frame.</param>
    /// <param name="source">The sender.</param>
    /// <returns>False if the frame is not an unfragmented IPv4 UDP packet without options, if lengths contradict each other, if a
    /// checksum is wrong, or if no host can have the source address.</returns>
    public static bool TryParse(ReadOnlySpan<byte> frame, bool verifyChecksum, out int payloadLength, out PacketAddress source)
    {
        (payloadLength, source) = (0, default);
        if (frame.Length < UdpFrame.HeaderBytes
            || BinaryPrimitives.ReadUInt16BigEndian(frame[UdpFrame.EtherType..]) != UdpFrame.EtherTypeIPv4
            || frame[UdpFrame.Ip] != UdpFrame.Version4HeaderWords5
            || frame[UdpFrame.Protocol] != UdpFrame.ProtocolUdp
            || (BinaryPrimitives.ReadUInt16BigEndian(frame[UdpFrame.Fragment..]) & UdpFrame.FragmentMask) != 0)
        {
            return false;
        }

        int ipLength = BinaryPrimitives.ReadUInt16BigEndian(frame[UdpFrame.TotalLength..]);
        int udpLength = BinaryPrimitives.ReadUInt16BigEndian(frame[UdpFrame.UdpLength..]);
        if (ipLength > frame.Length - UdpFrame.Ip || udpLength < UdpFrame.UdpHeaderBytes || udpLength > ipLength - UdpFrame.IpHeaderBytes)
        {
            return false;
        }

        if (InternetChecksum.Fold(InternetChecksum.Sum(frame.Slice(UdpFrame.Ip, UdpFrame.IpHeaderBytes))) != 0xFFFF
            || (verifyChecksum && !HasValidChecksum(frame, udpLength)))
        {
            return false;
        }

        uint address = BinaryPrimitives.ReadUInt32BigEndian(frame[UdpFrame.Source..]);
        if (IsMartian(address))
        {
            return false;
        }

        payloadLength = udpLength - UdpFrame.UdpHeaderBytes;
        source = PacketAddress.OfIPv4(
            address,
            BinaryPrimitives.ReadUInt16BigEndian(frame[UdpFrame.SourcePort..]));
        return true;
    }

    // The sources that the network stack drops as well (RFC 1812, 5.3.7): 0.0.0.0/8, 127.0.0.0/8, groups and the broadcast address. An
    // answer to such a source would go to a group or back to this machine.
    private static bool IsMartian(uint address) =>
        (address >> 24) is 0 or 127 or (>= 224 and < 240) || address == uint.MaxValue;

    private static bool HasValidChecksum(ReadOnlySpan<byte> frame, int udpLength)
    {
        ushort stored = InternetChecksum.Read(frame[UdpFrame.UdpChecksum..]);
        if (stored == 0)
        {
            // The sender calculates none, which RFC 768 allows with IPv4.
            return true;
        }

        ulong pseudo = UdpFrame.PseudoHeaderSum(frame) + BinaryPrimitives.ReverseEndianness((ushort)udpLength);
        ulong whole = pseudo + InternetChecksum.Sum(frame.Slice(UdpFrame.SourcePort, udpLength));

        // A sender on the same machine leaves the checksum to a network card, which a virtual interface does not have: the field then
        // has the sum of the pseudo header alone.
        return InternetChecksum.Fold(whole) == 0xFFFF || stored == InternetChecksum.Fold(pseudo);
    }
}
