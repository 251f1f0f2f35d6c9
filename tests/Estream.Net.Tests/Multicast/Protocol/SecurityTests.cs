using Estream.Net.Multicast;
using Estream.Net.Multicast.Internal;
using Estream.Testing;

namespace Estream.Net.Tests.Multicast.Protocol;

public sealed class SecurityTests
{
    private static readonly byte[] s_key = [.. Enumerable.Range(0, 32).Select(value => (byte)value)];

    [Property(100, 5_000)]
    public void Replay_window_accepts_each_number_once_and_none_that_is_too_old(int[] steps)
    {
        ReplayWindow window = new();
        HashSet<ulong> seen = [];
        ulong highest = 0;
        ulong number = 1_000_000;
        foreach (int step in steps)
        {
            number = (ulong)Math.Max(1, (long)number + (step % 3_000));
            bool expected = !seen.Contains(number) && (number > highest || highest - number < ReplayWindow.Size);

            Assert.Equal(expected, window.IsFresh(number));
            if (expected)
            {
                window.Record(number);
                seen.Add(number);
                highest = Math.Max(highest, number);
            }
        }
    }

    [Fact]
    public void An_encrypted_packet_opens_once()
    {
        byte[] packet = Encrypted(s_key);
        using PacketInput input = new(s_key, stream: 1, peers: 4);

        Assert.Equal(PacketStatus.Ok, input.Open(packet, 0, out PacketHeader header, out ReadOnlySpan<byte> body));
        Assert.Equal(PacketType.Heartbeat, header.Type);
        Assert.True(HeartbeatPacket.TryRead(body, out HeartbeatPacket heartbeat));
        Assert.Equal(new HeartbeatPacket(256, 300, 0, 5, 1), heartbeat);
        Assert.Equal(PacketStatus.Replayed, input.Open(packet, 0, out _, out _));
    }

    [Fact]
    public void Every_changed_byte_of_an_encrypted_packet_is_refused()
    {
        byte[] packet = Encrypted(s_key);
        for (int index = 0; index < packet.Length; index++)
        {
            using PacketInput input = new(s_key, stream: 1, peers: 4);
            packet[index] ^= 0x10;
            Assert.NotEqual(PacketStatus.Ok, input.Open(packet, 0, out _, out _));
            packet[index] ^= 0x10;
        }
    }

    [Fact]
    public void A_packet_of_another_key_or_without_encryption_is_refused()
    {
        byte[] other = [.. s_key];
        other[0] ^= 1;
        using PacketInput input = new(s_key, stream: 1, peers: 4);
        using PacketInput plain = new(null, stream: 1, peers: 4);

        Assert.Equal(PacketStatus.WrongSecurity, input.Open(Encrypted(other), 0, out _, out _));
        Assert.Equal(PacketStatus.WrongSecurity, input.Open(Encrypted(null), 0, out _, out _));
        Assert.Equal(PacketStatus.WrongSecurity, plain.Open(Encrypted(s_key), 0, out _, out _));
    }

    [Fact]
    public void A_forged_packet_does_not_move_the_replay_window()
    {
        CapturingSender sender = new();
        using PacketOutput output = new(sender, new ManualClock(), s_key, 0, 1, 600) { Session = 5 };
        using PacketInput input = new(s_key, stream: 1, peers: 4);
        HeartbeatPacket heartbeat = new(256, 300, 0, 5, 1);
        _ = output.TrySendToGroup(PacketType.Heartbeat, PacketFlags.None, heartbeat.Write(output.Body));
        Assert.Equal(PacketStatus.Ok, input.Open(sender.Last, 0, out _, out _));
        byte[] forged = [.. sender.Last];
        forged[PacketLayout.NumberOffset + 6] ^= 0x40;

        Assert.Equal(PacketStatus.WrongSecurity, input.Open(forged, 0, out _, out _));
        _ = output.TrySendToGroup(PacketType.Heartbeat, PacketFlags.None, heartbeat.Write(output.Body));
        Assert.Equal(PacketStatus.Ok, input.Open(sender.Last, 0, out _, out _));
    }

    [Fact]
    public void Two_instances_of_a_sender_never_use_the_same_key_and_nonce()
    {
        ManualClock clock = new();
        HashSet<string> pairs = [];
        foreach (ulong session in new ulong[] { 5, 6, 5 })
        {
            CapturingSender sender = new();
            using PacketOutput output = new(sender, clock, s_key, 0, 1, 600) { Session = session };
            for (int packet = 0; packet < 100; packet++)
            {
                _ = output.TrySendToGroup(PacketType.End, PacketFlags.None, new EndPacket(0, 0).Write(output.Body));
                Assert.Equal(PacketStatus.Ok, PacketCodec.TryRead(sender.Last, out PacketHeader header, out _));
                Assert.True(pairs.Add($"{header.Session} {header.Number}"));
            }

            // The third instance has drawn the session of the first one again; its numbers start later.
            clock.Pass(TimeSpan.FromMilliseconds(1));
        }
    }

    [Fact]
    public void Keys_for_unknown_senders_are_derived_at_a_limited_rate()
    {
        using PacketInput input = new(s_key, stream: 1, peers: 4);
        int opened = 0;
        for (ulong sender = 1; sender <= 1_500; sender++)
        {
            CapturingSender wire = new();
            using PacketOutput output = new(wire, new ManualClock(), s_key, sender, 1, 600) { Session = 5 };
            _ = output.TrySendToGroup(PacketType.Status, PacketFlags.None, new StatusPacket(0, 0, 1, 0, 0, 0).Write(output.Body));
            opened += input.Open(wire.Last, 0, out _, out _) == PacketStatus.Ok ? 1 : 0;
        }

        Assert.Equal(1_000, opened);
    }

    private static byte[] Encrypted(byte[]? key)
    {
        CapturingSender sender = new();
        using PacketOutput output = new(sender, new ManualClock(), key, 0, 1, 600) { Session = 5 };
        HeartbeatPacket heartbeat = new(256, 300, 0, 5, 1);
        _ = output.TrySendToGroup(PacketType.Heartbeat, PacketFlags.None, heartbeat.Write(output.Body));
        return sender.Last;
    }
}

/// <summary>Keeps the last packet sent.</summary>
internal sealed class CapturingSender : IPacketSender
{
    public byte[] Last { get; private set; } = [];

    public int MaxPacketBytes => PacketLayout.MaxPacketBytes;

    public bool TrySendToGroup(ReadOnlySpan<byte> header, ReadOnlySpan<byte> payload)
    {
        Last = [.. header, .. payload];
        return true;
    }

    public bool TrySend(in PacketAddress address, ReadOnlySpan<byte> header, ReadOnlySpan<byte> payload) => TrySendToGroup(header, payload);
}
