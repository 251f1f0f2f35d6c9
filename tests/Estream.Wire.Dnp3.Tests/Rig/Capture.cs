using System.Buffers.Binary;
using System.Globalization;
using Estream.Testing;

namespace Estream.Wire.Dnp3.Tests.Rig;

/// <summary>Records the octets of a connection, and writes them as a capture file of TCP segments that tshark reads.</summary>
internal sealed class Capture
{
    private const int MasterPort = 40_000;
    private const int OutstationPort = 20_000;
    private const int IpBytes = 20;
    private const int TcpBytes = 20;

    private readonly Lock _gate = new();
    private readonly List<(bool IsFromMaster, byte[] Bytes)> _blocks = [];

    public Capture(Dnp3Outstation outstation) => outstation.Tap = (isFromMaster, bytes) =>
    {
        lock (_gate)
        {
            _blocks.Add((isFromMaster, bytes.ToArray()));
        }
    };

    /// <summary>Lets tshark dissect the connection.</summary>
    /// <param name="fields">The fields to print, one column each.</param>
    /// <returns>One row for each packet with DNP3.</returns>
    public IReadOnlyList<string[]> Dissect(params string[] fields)
    {
        using TempDirectory folder = new();
        string file = folder.Combine("dnp3.pcap");
        WriteFile(file);
        List<string> arguments = ["-r", file, "-Y", "dnp3", "-T", "fields", "-E", "separator=;", "-E", "aggregator=,"];
        foreach (string field in fields)
        {
            arguments.AddRange(["-e", field]);
        }

        ProcessResult result = ChildProcess.Run(Peer.Require("tshark", "tshark"), arguments);
        Assert.True(result.ExitCode == 0, result.Error);
        return [.. result.Output.Split('\n', StringSplitOptions.RemoveEmptyEntries).Select(line => line.Split(';'))];
    }

    private void WriteFile(string file)
    {
        using FileStream stream = File.Create(file);
        Span<byte> header = stackalloc byte[24];
        header.Clear();
        BinaryPrimitives.WriteUInt32LittleEndian(header, 0xA1B2C3D4);
        BinaryPrimitives.WriteUInt16LittleEndian(header[4..], 2);
        BinaryPrimitives.WriteUInt16LittleEndian(header[6..], 4);
        BinaryPrimitives.WriteInt32LittleEndian(header[16..], 65_535);

        // The link type of packets that begin with an IP header.
        BinaryPrimitives.WriteInt32LittleEndian(header[20..], 101);
        stream.Write(header);
        uint[] sequence = [1, 1];
        lock (_gate)
        {
            for (int index = 0; index < _blocks.Count; index++)
            {
                WritePacket(stream, index, _blocks[index].IsFromMaster, _blocks[index].Bytes, sequence);
            }
        }
    }

    private static void WritePacket(FileStream stream, int index, bool isFromMaster, byte[] bytes, uint[] sequence)
    {
        int length = IpBytes + TcpBytes + bytes.Length;
        byte[] packet = new byte[16 + length];
        BinaryPrimitives.WriteInt32LittleEndian(packet, 1_700_000_000 + index);
        BinaryPrimitives.WriteInt32LittleEndian(packet.AsSpan(8), length);
        BinaryPrimitives.WriteInt32LittleEndian(packet.AsSpan(12), length);
        Span<byte> ip = packet.AsSpan(16);
        ip[0] = 0x45;
        BinaryPrimitives.WriteUInt16BigEndian(ip[2..], (ushort)length);
        ip[8] = 64;
        ip[9] = 6;
        ip[12] = ip[16] = 10;
        ip[15] = isFromMaster ? (byte)1 : (byte)2;
        ip[19] = isFromMaster ? (byte)2 : (byte)1;
        Span<byte> tcp = ip[IpBytes..];
        BinaryPrimitives.WriteUInt16BigEndian(tcp, isFromMaster ? (ushort)MasterPort : (ushort)OutstationPort);
        BinaryPrimitives.WriteUInt16BigEndian(tcp[2..], isFromMaster ? (ushort)OutstationPort : (ushort)MasterPort);
        int side = isFromMaster ? 0 : 1;
        BinaryPrimitives.WriteUInt32BigEndian(tcp[4..], sequence[side]);
        BinaryPrimitives.WriteUInt32BigEndian(tcp[8..], sequence[1 - side]);
        sequence[side] += (uint)bytes.Length;
        tcp[12] = 0x50;
        tcp[13] = 0x18;
        tcp[14] = tcp[15] = 0xFF;
        bytes.CopyTo(tcp[TcpBytes..]);
        stream.Write(packet);
    }
}
