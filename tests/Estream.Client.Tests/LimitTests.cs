using System.Globalization;
using System.Text.RegularExpressions;
using Estream.Client.Protocol;
using Estream.Client.Tests.Hosting;
using Estream.Testing;

namespace Estream.Client.Tests;

/// <summary>Goal: no length, count or slow reader of a client makes the host use memory without a bound, or disturbs other
/// clients.</summary>
[Collection(HostCollection.Name)]
public sealed class LimitTests
{
    private static readonly CancellationToken s_limit = new CancellationTokenSource(TimeSpan.FromMinutes(60)).Token;

    /// <summary>Payloads whose lengths or counts do not fit.</summary>
    private static readonly Dictionary<string, (ClientOp Op, Action<FrameBuilder> Write)> s_payloads = new()
    {
        ["a name beyond the frame"] = (ClientOp.QueueInfo, frame => frame.UInt16(ushort.MaxValue).Raw("trades"u8)),
        ["a name of 256 bytes"] = (ClientOp.QueueInfo, frame => frame.ShortBytes(new byte[256])),
        ["a count whose lengths overflow"] = (ClientOp.Append, frame => Append(frame, uint.MaxValue)),
        ["a count beyond the frame"] = (ClientOp.Append, frame => Append(frame, 1 << 20)),
        ["a negative length"] = (ClientOp.Append, frame => Append(frame, 2).UInt32(uint.MaxValue).UInt32(2).Raw([0])),
        ["lengths beyond the frame"] = (ClientOp.Append, frame => Append(frame, 1).UInt32(int.MaxValue).Raw([0])),
        ["the last of all numbers"] = (ClientOp.Append, frame => Append(frame, 2, long.MaxValue).UInt32(0).UInt32(0)),
        ["a producer of 15 bytes"] = (ClientOp.Producer, frame => frame.Text(ClientCase.Queue).Raw(new byte[15])),
        ["a batch without bytes"] = (ClientOp.GroupJoin, frame => Join(frame, 0, 30)),
        ["a group with two hours for a batch"] = (ClientOp.GroupJoin, frame => Join(frame, 1, 7_200)),
        ["a group without a name"] = (ClientOp.GroupJoin, frame =>
            frame.Text(ClientCase.Partitioned).Text("").Text("").UInt32(1).UInt16(30)),
        ["batches from a client"] = (ClientOp.GroupMessages, frame => frame.UInt16(0)),
        ["a count of results beyond the frame"] = (ClientOp.GroupDone, frame => Done(frame, uint.MaxValue)),
        ["results beyond the frame"] = (ClientOp.GroupDone, frame => Done(frame, 1).UInt32(100).Raw([0])),
        ["a negative length of a result"] = (ClientOp.GroupDone, frame => Done(frame, 2).UInt32(uint.MaxValue).UInt32(2).Raw([0])),
        ["a key beyond the frame"] = (ClientOp.MapGet, frame => frame.Text(ClientCase.Map).UInt16(ushort.MaxValue).Raw("a"u8)),
        ["an expected value beyond the frame"] = (ClientOp.MapCompareExchange, frame =>
            frame.Text(ClientCase.Map).Byte(1).Int64(0).ShortBytes("a"u8).Int64(0).UInt32(uint.MaxValue)),
        ["a time to live without an end"] = (ClientOp.MapPut, frame =>
            frame.Text(ClientCase.Map).Int64(long.MaxValue).ShortBytes("a"u8)),
        ["a prefix beyond the frame"] = (ClientOp.MapScan, frame => frame.Text(ClientCase.Map).UInt16(ushort.MaxValue)),
    };

    [Fact]
    public async Task A_length_that_does_not_fit_ends_the_connection_and_changes_nothing()
    {
        await using ClientCase host = new();
        EstreamClient other = await host.ConnectAsync();
        foreach ((string name, (ClientOp op, Action<FrameBuilder> write)) in s_payloads)
        {
            using RawClient client = RawClient.Connect(host);
            client.Send(op, 2, write);
            (_, ClientStatus status, uint id) = client.Receive();
            Assert.Equal((name, ClientStatus.ProtocolError, 0u), (name, status, id));
            Assert.Throws<IOException>(() => client.Receive());
        }

        Assert.Equal(0, (await other.Queue(ClientCase.Queue).GetInfoAsync(s_limit)).NextSequence);
        Assert.Null(await other.Map(ClientCase.Map).GetAsync("a", s_limit));
    }

    [Fact]
    public async Task Subscribers_that_do_not_read_use_bounded_memory()
    {
        const int Subscribers = 16;
        const int Messages = 64_000;
        const int MessageBytes = 1_000;

        // Without a bound, the host buffers the queue for each subscriber: 1 GB.
        const long MaxHeapBytes = 256L << 20;
        await using ClientCase host = new();
        RemoteQueue queue = (await host.ConnectAsync()).Queue(ClientCase.Queue);
        RemoteAppender appender = queue.CreateAppender();
        byte[] message = new byte[MessageBytes];
        for (int i = 0; i < Messages; i++)
        {
            await appender.AppendAsync(message, s_limit);
        }

        await appender.FlushAsync(s_limit);
        List<RawClient> slow = [.. Enumerable.Range(0, Subscribers).Select(_ => RawClient.Connect(host))];
        slow.ForEach(client => client.Subscribe(2));

        // A subscriber that reads gets all messages meanwhile.
        await using MessageSubscription messages = await queue.SubscribeAsync(cancellation: s_limit);
        Assert.Equal(Messages, (await QueueTests.TakeAsync(messages, Messages)).Count);
        Eventually.True(() => slow.TrueForAll(client => client.Available > 0), "each subscriber has received a part");
        Assert.InRange(HeapBytes(host), 1, MaxHeapBytes);
        slow.ForEach(client => client.Dispose());
    }

    /// <summary>Returns the managed heap of the host.</summary>
    internal static long HeapBytes(ClientCase host) => Metric(host, "dotnet_gc_heap_bytes");

    /// <summary>Returns a metric of the host without labels.</summary>
    internal static long Metric(ClientCase host, string name) => (long)double.Parse(
        Regex.Match(host.Get("/metrics"), $@"^{name} (\S+)", RegexOptions.Multiline).Groups[1].Value, CultureInfo.InvariantCulture);

    private static FrameBuilder Join(FrameBuilder frame, uint maxBytes, int seconds) =>
        frame.Text(ClientCase.Partitioned).Text("group").Text("").UInt32(maxBytes).UInt16(seconds);

    private static FrameBuilder Done(FrameBuilder frame, uint count) => frame.UInt32(1).UInt16(0).Int64(1).UInt32(count);

    private static FrameBuilder Append(FrameBuilder frame, uint count, long first = 1) =>
        frame.Text(ClientCase.Queue).Raw(new byte[16]).Int64(first).UInt32(count);
}
