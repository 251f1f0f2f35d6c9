using System.Buffers.Binary;
using Estream.Testing;
using Estream.Wire.OpcUa.Tests.Rig;

namespace Estream.Wire.OpcUa.Tests.Peers;

/// <summary>Goal: tshark decodes every message of a session. Method: a proxy records the bytes, and the test writes them as a capture with
/// its own TCP headers.</summary>
public sealed class TsharkTests
{
    private const int Port = 4_840;

    [PeerFact("tshark", "tshark")]
    public async Task Messages_of_a_session_are_decoded_without_a_malformed_mark()
    {
        await using OpcUaSimulator simulator = new();
        simulator.AddVariable("Speed", new UaVariant(UaType.Double, 1.0), isWritable: true);
        using RecordingProxy proxy = new(simulator.Port);
        OpcUaClientOptions options = new()
        {
            Url = $"opc.tcp://127.0.0.1:{proxy.Port}", Policy = UaSecurityPolicy.None, TimeoutMs = 60_000,
        };
        UaNodeId node = UaNodeId.OfText(1, "Speed");
        await using (OpcUaClient client = await OpcUaClient.ConnectAsync(options))
        {
            await client.BrowseAsync(UaNodeId.OfText(1, "Simulation"));
            await client.ReadAsync([new UaReadItem(node), new UaReadItem(node, UaAttribute.DisplayName)]);
            await client.WriteAsync([new UaWriteItem(node, new UaVariant(UaType.Double, 2.0))]);
            await client.CallAsync(new UaNodeId(0, 2_253u), new UaNodeId(0, 12_873u), [new UaVariant(UaType.UInt32, 1u)]);
        }

        using CancellationTokenSource end = new();
        OpcUaWatcher watcher = new(options, ["ns=1;s=Speed"], 10, _ => end.Cancel(), _ => { });
        await watcher.RunAsync(end.Token);
        using TempDirectory folder = new();
        string file = folder.Combine("session.pcap");
        File.WriteAllBytes(file, Capture(proxy.Recorded));
        ProcessResult shown = ChildProcess.Run(
            Peer.Require("tshark", "tshark"), ["-d", $"tcp.port=={Port},opcua", "-r", file, "-V"]).EnsureSuccess();
        Assert.DoesNotContain("Malformed", shown.Output, StringComparison.Ordinal);
        foreach (string expected in new[]
        {
            "Message Type: HEL", "OpenSecureChannelRequest",
            "CreateSessionRequest", "ActivateSessionRequest", "BrowseRequest", "ReadRequest",
            "WriteRequest", "CallRequest", "CreateSubscriptionRequest", "CreateMonitoredItemsRequest", "PublishRequest", "PublishResponse",
            "CloseSessionRequest",
        })
        {
            Assert.True(shown.Output.Contains(expected, StringComparison.Ordinal), $"tshark shows no {expected}");
        }
    }

    /// <summary>Writes a capture of raw IPv4 packets (link type 101). All connections become one.</summary>
    private static byte[] Capture(IReadOnlyList<(bool FromClient, byte[] Bytes)> recorded)
    {
        using MemoryStream file = new();
        byte[] header = new byte[24];
        BinaryPrimitives.WriteUInt32LittleEndian(header, 0xA1B2C3D4);
        BinaryPrimitives.WriteUInt16LittleEndian(header.AsSpan(4), 2);
        BinaryPrimitives.WriteUInt16LittleEndian(header.AsSpan(6), 4);
        BinaryPrimitives.WriteInt32LittleEndian(header.AsSpan(16), 65_535);
        BinaryPrimitives.WriteInt32LittleEndian(header.AsSpan(20), 101);
        file.Write(header);
        uint client = 1;
        uint server = 1;
        foreach ((bool fromClient, byte[] bytes) in recorded)
        {
            foreach (byte[] part in bytes.Chunk(30_000))
            {
                file.Write(Packet(fromClient, fromClient ? client : server, fromClient ? server : client, part));
                client += fromClient ? (uint)part.Length : 0;
                server += fromClient ? 0 : (uint)part.Length;
            }
        }

        return file.ToArray();
    }

    private static byte[] Packet(bool fromClient, uint sequence, uint acknowledged, byte[] bytes)
    {
        byte[] packet = new byte[16 + 40 + bytes.Length];
        BinaryPrimitives.WriteInt32LittleEndian(packet.AsSpan(8), 40 + bytes.Length);
        BinaryPrimitives.WriteInt32LittleEndian(packet.AsSpan(12), 40 + bytes.Length);
        Span<byte> ip = packet.AsSpan(16);
        ip[0] = 0x45;
        BinaryPrimitives.WriteUInt16BigEndian(ip[2..], (ushort)(40 + bytes.Length));
        ip[8] = 64;
        ip[9] = 6;
        byte[] one = [127, 0, 0, 1];
        byte[] two = [127, 0, 0, 2];
        (fromClient ? one : two).CopyTo(ip[12..]);
        (fromClient ? two : one).CopyTo(ip[16..]);
        BinaryPrimitives.WriteUInt16BigEndian(ip[20..], fromClient ? (ushort)50_000 : (ushort)Port);
        BinaryPrimitives.WriteUInt16BigEndian(ip[22..], fromClient ? (ushort)Port : (ushort)50_000);
        BinaryPrimitives.WriteUInt32BigEndian(ip[24..], sequence);
        BinaryPrimitives.WriteUInt32BigEndian(ip[28..], acknowledged);
        ip[32] = 0x50;
        ip[33] = 0x18;
        BinaryPrimitives.WriteUInt16BigEndian(ip[34..], 65_535);
        bytes.CopyTo(ip[40..]);
        return packet;
    }
}
