using System.Text;
using Estream.Core;
using Estream.Esf;
using Estream.Queue;
using Estream.Testing;

namespace Estream.Wire.Tests;

public sealed class MapFoldTests : IDisposable
{
    private readonly TempDirectory _folder = new();
    private readonly EstreamQueue _queue;
    private readonly QueueAppender _appender;
    private readonly KeyedList _map = new();

    public MapFoldTests()
    {
        _queue = EstreamQueue.Open(_folder.Combine("queue"));
        _appender = _queue.CreateAppender(AppenderMode.Exclusive);
    }

    [Fact]
    public async Task Map_has_the_latest_message_of_each_key_before_the_fold_is_ready()
    {
        for (int number = 0; number < 10_000; number++)
        {
            Append($"device-{number % 10}", number);
        }

        await RunAsync(Fold(), async fold =>
        {
            Assert.InRange(fold.Position, -1, _queue.GetInfo().EndPosition);
            await fold.CaughtUp;
            Assert.Equal((10_000, _queue.GetInfo().EndPosition), (fold.Applied, fold.Position));
        });

        Assert.Equal(10, _map.Latest.Count);
        Assert.All(_map.Latest, pair => Assert.Equal(9_990 + (pair.Key[^1] - '0'), Number(pair.Value)));
    }

    [Fact]
    public async Task New_message_wakes_a_sleeping_fold()
    {
        await RunAsync(Fold(), async fold =>
        {
            await fold.CaughtUp;
            for (int number = 1; number <= 50; number++)
            {
                Append("a", number);
                Eventually.True(() => fold.Applied == number, "the message is in the map");
            }
        });
    }

    [Fact]
    public async Task Second_fold_continues_where_the_first_one_stopped()
    {
        Append("a", 1);
        await RunAsync(Fold(), fold => fold.CaughtUp);
        Append("a", 2);

        await RunAsync(Fold(), async fold =>
        {
            await fold.CaughtUp;
            Assert.Equal(1, fold.Applied);
        });

        Assert.Equal(2, _map.Puts);
    }

    [Fact]
    public async Task Map_that_has_lost_entries_is_rebuilt_from_the_start()
    {
        Append("a", 1);
        Append("b", 2);
        await RunAsync(Fold(), fold => fold.CaughtUp);
        _map.Latest.Clear();
        _map.NeedsReplay = true;

        await RunAsync(Fold(), fold => fold.CaughtUp);

        Assert.Equal(["a", "b"], _map.Latest.Keys.Order(StringComparer.Ordinal));
        Assert.Equal(1, _map.Clears);
    }

    [Fact]
    public async Task Messages_of_other_schemas_and_with_too_long_keys_are_counted_and_skipped()
    {
        Append("a", 1);
        _appender.Append("no message at all"u8);
        _appender.Append([]);
        Append(new string('x', 64), 2);
        Append("b", 3);

        await RunAsync(Fold(), async fold =>
        {
            await fold.CaughtUp;
            Assert.Equal(2, fold.Applied);
            Assert.Equal(3, fold.Skipped);
        });

        Assert.Equal(["a", "b"], _map.Latest.Keys.Order(StringComparer.Ordinal));
    }

    [Fact]
    public async Task Messages_of_other_versions_of_the_schema_are_folded_too()
    {
        EsfSchema later = EsfSchema.FromCanonicalText(Schemas.Iot.Definition.CanonicalText[..^1] + ",tide?:u8}");
        byte[] message = new byte[256];
        Assert.True(
            EsfJson.TryEncode(later, """{"device_id":"new","timestamp":1,"metric_name":"m","value":1,"tide":3}"""u8, message,
                out int length).IsOk);
        _appender.Append(message.AsSpan(0, length));

        await RunAsync(Fold(), async fold =>
        {
            await fold.CaughtUp;
            Assert.Equal((1, 0), (fold.Applied, fold.Skipped));
        });

        Assert.Equal(["new"], _map.Latest.Keys);
    }

    [Fact]
    public async Task Number_can_be_the_key()
    {
        byte[] message = new byte[64];
        Assert.True(EsfJson.TryEncode(Schemas.Get("Count"), """{"id":4000000000,"count":7}"""u8, message, out int length).IsOk);
        _appender.Append(message.AsSpan(0, length));

        await RunAsync(new MapFold("counts", _queue, Schemas.Get("Count"), "id", _map), fold => fold.CaughtUp);

        Assert.Equal(["4000000000"], _map.Latest.Keys);
    }

    [Fact]
    public async Task Full_disk_blocks_the_fold_without_losing_a_message()
    {
        _map.IsFull = true;
        Append("a", 1);
        await RunAsync(Fold(), async fold =>
        {
            Eventually.True(() => fold.Failure is not null, "the failure is reported");
            Assert.Equal(0, fold.Applied);
            _map.IsFull = false;
            await fold.CaughtUp;
            Assert.Null(fold.Failure);
            Assert.Equal(1, fold.Applied);
        });
    }

    [Fact]
    public async Task Second_fold_of_the_same_name_is_refused()
    {
        await RunAsync(Fold(), async fold =>
        {
            await fold.CaughtUp;
            MapFold other = Fold();
            await Assert.ThrowsAsync<EstreamLeaseException>(() => other.RunAsync(CancellationToken.None));
            await Assert.ThrowsAsync<EstreamLeaseException>(() => other.CaughtUp);
        });
    }

    [Fact]
    public async Task Appending_thread_stores_its_messages_itself()
    {
        using IngressRig rig = Rig();
        MapFold fold = Fold(rig);
        await RunAsync(fold, async _ =>
        {
            await fold.CaughtUp;
            Eventually.True(
                () =>
                {
                    Publish(rig, "a");
                    return _map.LastThread == Environment.CurrentManagedThreadId;
                },
                "the thread of the fold has left the turn");
            Assert.Equal(rig.Sink.Messages, fold.Applied);
        });
    }

    [Fact]
    public async Task Messages_of_many_threads_are_stored_once_each_and_in_order()
    {
        const int Threads = 4;
        int each = LongRun.Count(5_000, 500_000);
        using IngressRig rig = Rig();
        MapFold fold = Fold(rig);
        await RunAsync(fold, async _ =>
        {
            await fold.CaughtUp;
            await Task.WhenAll(Enumerable.Range(0, Threads).Select(number => Task.Run(() =>
            {
                using IngressWriter writer = rig.NewWriter();
                for (int i = 0; i < each; i++)
                {
                    Assert.Equal(IngressStatus.Stored, writer.Append(Message($"device-{number}")));
                    if (i % 100 < 70)
                    {
                        writer.Release();
                    }
                }
            })));
            Eventually.True(() => fold.Applied == Threads * each, "every message is in the map");
        });

        Assert.Equal(Threads * each, _map.Puts);
        Assert.Equal(Threads, _map.Latest.Count);
        Assert.Equal(0, _map.Disorders);
        Assert.Equal(rig.Data.GetInfo().EndPosition, fold.Position);
    }

    [Fact]
    public async Task Full_disk_does_not_block_the_appending_thread()
    {
        using IngressRig rig = Rig();
        MapFold fold = Fold(rig);
        await RunAsync(fold, async _ =>
        {
            await fold.CaughtUp;
            _map.IsFull = true;
            for (int i = 0; i < 100; i++)
            {
                Publish(rig, "a");
            }

            Eventually.True(() => fold.Failure is not null, "the failure is reported");
            Assert.Equal(0, fold.Applied);
            _map.IsFull = false;
            Eventually.True(() => fold.Applied == 100, "the messages are stored");
            Assert.Equal(0, _map.Disorders);
        });
    }

    [Theory]
    [InlineData("nobody")]
    [InlineData("value")]
    [InlineData("location")]
    public void Field_that_cannot_be_a_key_is_refused(string field)
    {
        ArgumentException failure = Assert.Throws<ArgumentException>(() => new MapFold("latest", _queue, Schemas.Iot, field, _map));

        Assert.Contains("device_id", failure.Message, StringComparison.Ordinal);
    }

    public void Dispose()
    {
        _appender.Dispose();
        _queue.Dispose();
        _folder.Dispose();
    }

    private static async Task RunAsync(MapFold fold, Func<MapFold, Task> use)
    {
        using CancellationTokenSource stop = new();
        Task run = fold.RunAsync(stop.Token);
        try
        {
            await use(fold);
        }
        finally
        {
            await stop.CancelAsync();
            await run;
        }
    }

    private static int Number(string json)
    {
        return int.Parse(json.Split("\"timestamp\":")[1].Split(',')[0], System.Globalization.CultureInfo.InvariantCulture);
    }

    private static IngressRig Rig() =>
        new(null, TopicMapping.Json("devices/{device_id}/telemetry", Schemas.Iot, "data"));

    private static WireMessage Message(string device) =>
        new(Encoding.UTF8.GetBytes($"devices/{device}/telemetry"), """{"timestamp":1,"metric_name":"m","value":1}"""u8);

    private static void Publish(IngressRig rig, string device)
    {
        Assert.Equal(IngressStatus.Stored, rig.Writer.Append(Message(device)));
        rig.Writer.Release();
    }

    private MapFold Fold(IngressRig rig) => new("latest", rig.Data, Schemas.Iot, "device_id", _map, rig.Sink);

    private MapFold Fold()
    {
        return new MapFold("latest", _queue, Schemas.Iot, "device_id", _map);
    }

    private void Append(string device, int number)
    {
        byte[] message = new byte[256];
        EsfStatus status = EsfJson.TryEncode(
            Schemas.Iot,
            Encoding.UTF8.GetBytes($$"""{"device_id":"{{device}}","timestamp":{{number}},"metric_name":"m","value":1}"""),
            message,
            out int length);
        Assert.True(status.IsOk, status.ToString());
        _appender.Append(message.AsSpan(0, length));
    }

    /// <summary>The map of the test: keys of up to 32 bytes, on a disk that can be full.</summary>
    private sealed class KeyedList : IKeyedSink
    {
        private volatile bool _isFull;
        private long _last;

        public Dictionary<string, string> Latest { get; } = [];

        public bool NeedsReplay { get; set; }

        public bool IsFull
        {
            get => _isFull;
            set => _isFull = value;
        }

        public int Puts { get; private set; }

        public int Clears { get; private set; }

        public int Disorders { get; private set; }

        public int LastThread { get; private set; }

        public void Clear()
        {
            Clears++;
            Latest.Clear();
        }

        public bool TryPut(ReadOnlySpan<byte> key, long position, long sequence, long time, ReadOnlySpan<byte> message)
        {
            if (IsFull)
            {
                throw new EstreamStorageException("No space is left.", "map", StorageFailure.DiskFull);
            }

            if (key.Length > 32)
            {
                return false;
            }

            Disorders += position <= _last ? 1 : 0;
            _last = position;
            LastThread = Environment.CurrentManagedThreadId;
            Puts++;
            Latest[Encoding.UTF8.GetString(key)] = Schemas.ToJson(message);
            return true;
        }
    }
}
