// Merges two MoldUDP64 feeds of the same messages. Each feed loses 5 % of its packets: what one loses, the other one fills, and what both
// lose, a snapshot fills. Run: dotnet run -c Release --project samples/TwoFeeds
using System.Buffers.Binary;
using System.Net;
using Estream.Net;
using Estream.Net.Feeds;

const int Messages = 100_000;

using PacketTransport a = Open();
using PacketTransport b = Open();
using PacketTransport venue = Open();
Venue sender = new(venue, [new PacketAddress(a.LocalEndPoint), new PacketAddress(b.LocalEndPoint)]);
Total total = new();
FeedArbiter arbiter = new(new MoldUdp64Codec(), total);

while (arbiter.NextSequence <= Messages)
{
    sender.Send(Messages);
    Receive(a, feed: 0);
    Receive(b, feed: 1);
    arbiter.Poll();
    if (arbiter.State == FeedState.WaitingForSnapshot)
    {
        // A real program asks the venue and keeps receiving meanwhile. Load the snapshot first: TryResume delivers what follows it.
        (long sequence, long sum) = sender.Snapshot();
        total.Load(sum);
        _ = arbiter.TryResume(sequence);
    }
}

Console.WriteLine($"feed A: {Text(arbiter.StatisticsOf(0))}");
Console.WriteLine($"feed B: {Text(arbiter.StatisticsOf(1))}");
FeedArbiterStatistics all = arbiter.Statistics;
Console.WriteLine($"{all.Delivered} delivered, {all.Filled} filled by the other feed, {all.Gaps} gaps; "
    + $"{all.Resumed} snapshots contain the other messages");
Console.WriteLine($"total {total.Sum}, {(total.Sum == sender.Snapshot().Sum ? "as sent" : "WRONG")}");

static PacketTransport Open() => PacketTransport.Open(new PacketTransportOptions
{
    Transport = PacketTransportKind.Udp,
    LocalEndPoint = new IPEndPoint(IPAddress.Loopback, 0),
});

static string Text(FeedStatistics feed) => $"{feed.Packets} packets, first with {feed.Wins} messages, second with {feed.Duplicates}";

void Receive(PacketTransport transport, int feed)
{
    using ReceivedBatch batch = transport.Receive();
    foreach (ReceivedPacket packet in batch)
    {
        arbiter.Receive(feed, packet.Payload);
    }
}

/// <summary>The state that the messages build: the sum of their values.</summary>
internal sealed class Total : IFeedHandler
{
    public long Sum { get; private set; }

    public void Load(long snapshot) => Sum = snapshot;

    public void OnMessage(in FeedMessage message) => Sum += BinaryPrimitives.ReadInt64BigEndian(message.Payload);

    public FeedGapAction OnGap(in FeedGap gap) => FeedGapAction.WaitForSnapshot;
}

/// <summary>Sends messages to two feeds that lose packets.</summary>
internal sealed class Venue(PacketTransport transport, PacketAddress[] feeds)
{
    private const double Loss = 0.05;
    private const int MessagesPerPacket = 4;
    private const int PacketsPerCall = 8;

    private readonly UInt128 _session = MoldUdp64Codec.SessionOf("SAMPLE");
    private readonly Random _random = new(1);
    private readonly byte[] _packet = new byte[512];
    private long _sent;
    private long _sum;

    public (long Sequence, long Sum) Snapshot() => (_sent, _sum);

    /// <summary>Sends the next packets; after the last message, heartbeats.</summary>
    public void Send(long last)
    {
        Span<byte> value = stackalloc byte[sizeof(long)];
        for (int packet = 0; packet < PacketsPerCall; packet++)
        {
            int count = (int)Math.Min(MessagesPerPacket, last - _sent);
            int length = MoldUdp64Codec.WriteHeader(_packet, _session, _sent + 1, count);
            for (int index = 0; index < count; index++)
            {
                BinaryPrimitives.WriteInt64BigEndian(value, ++_sent * 3);
                _sum += _sent * 3;
                length += MoldUdp64Codec.WriteMessage(_packet.AsSpan(length), value);
            }

            foreach (PacketAddress feed in feeds)
            {
                SendTo(feed, _packet.AsSpan(0, length));
            }
        }
    }

    private void SendTo(in PacketAddress feed, ReadOnlySpan<byte> packet)
    {
        using SendBatch batch = transport.Reserve(1);
        if (batch.Count == 1 && _random.NextDouble() >= Loss)
        {
            packet.CopyTo(batch[0]);
            batch.SetLength(0, packet.Length);
            batch.SetDestination(0, feed);
            batch.Send();
        }
    }
}
