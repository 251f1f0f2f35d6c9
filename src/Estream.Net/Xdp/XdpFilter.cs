using System.Buffers.Binary;
using Estream.Net.Internal.Kernel;
using static Estream.Net.Xdp.BpfAssembler;

namespace Estream.Net.Xdp;

/// <summary>
/// The XDP program of a transport: redirects UDP packets for one port and given IPv4 addresses to the AF_XDP socket of their queue, and
/// passes everything else to the network stack: other protocols, frames for another hardware address, VLAN tags, IP options, fragments,
/// frames larger than the socket's, and packets of queues without a socket.
/// </summary>
internal static class XdpFilter
{
    private const int ContextData = 0;
    private const int ContextDataEnd = 4;
    private const int ContextQueue = 16;
    private const int XdpPass = 2;
    private const int RedirectMap = 51;

    /// <summary>Assembles the program.</summary>
    /// <param name="map">The descriptor of the map of sockets.</param>
    /// <param name="mac">The hardware address of the interface. Frames to groups and to all hosts are accepted too.</param>
    /// <param name="port">The UDP destination port.</param>
    /// <param name="addresses">The IPv4 destination addresses.</param>
    /// <param name="maxFrameBytes">The largest frame that the socket receives.</param>
    public static ulong[] Assemble(int map, ReadOnlySpan<byte> mac, ushort port, IReadOnlyCollection<uint> addresses, int maxFrameBytes)
    {
        const string Pass = "pass";
        const string Redirect = "redirect";
        const string ToThisHost = "to this host";
        BpfAssembler program = new();
        program.Move(Register.R6, Register.R1)
            .Load(Size.Word, Register.R2, Register.R1, ContextData)
            .Load(Size.Word, Register.R3, Register.R1, ContextDataEnd)
            .Move(Register.R4, Register.R2)
            .Add(Register.R4, UdpFrame.HeaderBytes)
            .JumpIfGreater(Register.R4, Register.R3, Pass)
            .Move(Register.R4, Register.R2)
            .Add(Register.R4, maxFrameBytes)
            .JumpIfGreater(Register.R3, Register.R4, Pass)
            .Load(Size.Byte, Register.R4, Register.R2, 0)
            .And(Register.R4, MacAddress.GroupBit)
            .JumpIfNotEqual(Register.R4, 0, ToThisHost);
        for (int i = 0; i < MacAddress.Bytes; i += sizeof(ushort))
        {
            program.Load(Size.HalfWord, Register.R4, Register.R2, (short)i)
                .JumpIfNotEqual(Register.R4, BinaryPrimitives.ReadUInt16LittleEndian(mac[i..]), Pass);
        }

        program.Label(ToThisHost)
            .Load(Size.HalfWord, Register.R4, Register.R2, UdpFrame.EtherType)
            .JumpIfNotEqual(Register.R4, BinaryPrimitives.ReverseEndianness(UdpFrame.EtherTypeIPv4), Pass)
            .Load(Size.Byte, Register.R4, Register.R2, UdpFrame.Ip)
            .JumpIfNotEqual(Register.R4, UdpFrame.Version4HeaderWords5, Pass)
            .Load(Size.Byte, Register.R4, Register.R2, UdpFrame.Protocol)
            .JumpIfNotEqual(Register.R4, UdpFrame.ProtocolUdp, Pass)
            .Load(Size.HalfWord, Register.R4, Register.R2, UdpFrame.Fragment)
            .And(Register.R4, BinaryPrimitives.ReverseEndianness(UdpFrame.FragmentMask))
            .JumpIfNotEqual(Register.R4, 0, Pass)
            .Load(Size.HalfWord, Register.R4, Register.R2, UdpFrame.DestinationPort)
            .JumpIfNotEqual(Register.R4, BinaryPrimitives.ReverseEndianness(port), Pass)
            .Load(Size.Word, Register.R4, Register.R2, UdpFrame.Destination);
        foreach (uint address in addresses)
        {
            program.JumpIfEqual(Register.R4, (int)BinaryPrimitives.ReverseEndianness(address), Redirect);
        }

        // The flags of the helper are the result for a queue that has no socket.
        return program.Label(Pass)
            .Set(Register.R0, XdpPass)
            .Exit()
            .Label(Redirect)
            .LoadMap(Register.R1, map)
            .Load(Size.Word, Register.R2, Register.R6, ContextQueue)
            .Set(Register.R3, XdpPass)
            .Call(RedirectMap)
            .Exit()
            .Assemble();
    }
}
