using System.Buffers.Binary;
using Estream.Net.Feeds;
using Estream.Testing;

namespace Estream.Net.Tests.Feeds;

/// <summary>An arbiter of MoldUDP64 feeds on a clock of the test. Records what the handler receives.</summary>
internal sealed class FeedRig : IFeedHandler
{
    private readonly byte[] _packet = new byte[65_527];
    private UInt128 _current;

    public FeedRig(FeedArbiterOptions? options = null) =>
        Arbiter = new FeedArbiter(new MoldUdp64Codec(), this, (options ?? new FeedArbiterOptions()) with { Clock = Clock });

    public static UInt128 Monday { get; } = MoldUdp64Codec.SessionOf("MONDAY");

    public static UInt128 Tuesday { get; } = MoldUdp64Codec.SessionOf("TUESDAY");

    public ManualClock Clock { get; } = new();

    public FeedArbiter Arbiter { get; }

    public FeedGapAction Action { get; set; }

    /// <summary>The messages of the current session.</summary>
    public List<(long Sequence, int Feed)> Messages { get; } = [];

    public List<FeedGap> Gaps { get; } = [];

    /// <summary>The sessions that began, and those that ended.</summary>
    public List<(UInt128 Session, bool IsEnd)> Sessions { get; } = [];

    public IEnumerable<long> Sequences => Messages.Select(message => message.Sequence);

    /// <summary>The bytes that the sender gives to a message: its number, and sometimes more.</summary>
    public static byte[] PayloadOf(UInt128 session, long sequence)
    {
        byte[] bytes = new byte[sizeof(long) + (int)(sequence % 7 * 9)];
        bytes.AsSpan().Fill((byte)sequence);
        BinaryPrimitives.WriteInt64LittleEndian(bytes, sequence ^ (long)(ulong)session);
        return bytes;
    }

    public static byte[] Packet(UInt128 session, long first, int count)
    {
        byte[] packet = new byte[65_527];
        int length = MoldUdp64Codec.WriteHeader(packet, session, first, count);
        for (int index = 0; index < count; index++)
        {
            length += MoldUdp64Codec.WriteMessage(packet.AsSpan(length), PayloadOf(session, first + index));
        }

        return packet[..length];
    }

    public void Send(int feed, long first, int count = 1, UInt128? session = null) =>
        Arbiter.Receive(feed, Packet(session ?? Monday, first, count));

    public void SendEnd(int feed, long sequence) =>
        Arbiter.Receive(feed, _packet.AsSpan(0, MoldUdp64Codec.WriteEnd(_packet, Monday, sequence)));

    public void Pass(double milliseconds)
    {
        Clock.Pass(TimeSpan.FromMilliseconds(milliseconds));
        Arbiter.Poll();
    }

    public void OnMessage(in FeedMessage message)
    {
        Assert.Equal(PayloadOf(_current, message.Sequence), message.Payload.ToArray());
        Assert.True(
            Messages.Count == 0 || message.Sequence > Messages[^1].Sequence, $"{message.Sequence} after {Messages.LastOrDefault()}");
        Messages.Add((message.Sequence, message.Feed));
    }

    public FeedGapAction OnGap(in FeedGap gap)
    {
        Gaps.Add(gap);
        return Action;
    }

    public void OnSession(UInt128 session)
    {
        _current = session;
        Messages.Clear();
        Sessions.Add((session, false));
    }

    public void OnEnd(UInt128 session) => Sessions.Add((session, true));
}
