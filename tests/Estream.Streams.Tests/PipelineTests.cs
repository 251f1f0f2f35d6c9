using Estream.Core;
using Estream.Iot;
using Estream.Map;
using Estream.Map.Tests;
using Estream.Queue;
using Estream.Testing;

namespace Estream.Streams.Tests;

public sealed class PipelineTests : StreamCase
{
    private readonly TempDirectory _maps = new();
    private readonly QueueAppender _appender;
    private readonly EsfStream<IoTTelemetry.View> _readings;

    public PipelineTests()
    {
        _appender = Queue.CreateAppender();
        _readings = EsfStream.From<IoTTelemetry.View>(Queue);
    }

    public override void Dispose()
    {
        _appender.Dispose();
        base.Dispose();
        _maps.Dispose();
    }

    [Fact]
    public void Results_held_back_by_a_full_disk_are_written_once_when_there_is_room()
    {
        const int Many = 4_000;
        Append([.. Enumerable.Range(0, Many).Select(i => (double)i)]);
        var storage = new FullStorage();
        using EstreamQueue output =
            EstreamQueue.Open(_maps.Combine("full"), new QueueOptions { SegmentBytes = 1 << 16, Storage = storage });
        using EsfPipeline copy = _readings.AppendTo<IoTTelemetry.Writer>("copy", output, 200, Copy);
        storage.IsFull = true;
        Assert.Throws<EstreamStorageException>(() => copy.RunToEnd());

        storage.IsFull = false;
        Assert.NotEqual(0, copy.RunToEnd());
        Assert.Equal(Enumerable.Range(0, Many).Select(i => (double)i), Values(output));
    }

    [Fact]
    public void Results_held_back_by_a_full_disk_are_written_without_another_message()
    {
        var storage = new FullStorage();
        using EstreamQueue output =
            EstreamQueue.Open(_maps.Combine("full"), new QueueOptions { SegmentBytes = 1 << 16, Storage = storage });
        using EsfPipeline copy = _readings.AppendTo<IoTTelemetry.Writer>("copy", output, 200, Copy);
        storage.IsFull = true;
        int appended = 0;
        void Fill()
        {
            for (; ; appended++)
            {
                Append(appended);
                copy.RunToEnd();
            }
        }

        Assert.Throws<EstreamStorageException>(Fill);
        storage.IsFull = false;
        copy.RunToEnd();
        Assert.Equal(Enumerable.Range(0, appended + 1).Select(i => (double)i), Values(output));
    }

    [Fact]
    public void Invalid_arguments_throw()
    {
        using StateMap<int, double> map = StateMap.CreateInMemory<int, double>();
        Assert.Equal("queue", Assert.Throws<ArgumentNullException>(() => EsfStream.From<IoTTelemetry.View>(null!)).ParamName);
        Assert.Equal("predicate", Assert.Throws<ArgumentNullException>(() => _readings.Where(null!)).ParamName);
        Assert.Throws<ArgumentException>(() => _readings.Materialize("", map, One, Value));
        Assert.Throws<ArgumentException>(() => _readings.Materialize("a name", map, One, Value));
        Assert.Equal("maxLength",
            Assert.Throws<ArgumentOutOfRangeException>(() => _readings.AppendTo<IoTTelemetry.Writer>("p", Queue, 15, Copy)).ParamName);
        Assert.Equal("maxLength",
            Assert.Throws<ArgumentOutOfRangeException>(() =>
                _readings.AppendTo<IoTTelemetry.Writer>("p", Queue, Queue.MaxMessageBytes + 1, Copy)).ParamName);
        EsfPipeline disposed = _readings.Materialize("p", map, One, Value);
        disposed.Dispose();
        disposed.Dispose();
        Assert.Throws<ObjectDisposedException>(() => disposed.RunToEnd());
        Assert.Throws<ObjectDisposedException>(disposed.StartOver);
    }

    [Fact]
    public void Pipeline_name_is_exclusive()
    {
        using StateMap<int, double> map = StateMap.CreateInMemory<int, double>();
        using EsfPipeline first = _readings.Materialize("p", map, One, Value);
        Assert.Throws<EstreamLeaseException>(() => _readings.Materialize("p", map, One, Value));
    }

    [Fact]
    public void Event_is_processed_again_after_its_operator_throws()
    {
        Append(1, 2, 3);
        bool isBroken = true;
        using StateMap<int, Folded<double>> map = StateMap.CreateInMemory<int, Folded<double>>();
        using EsfPipeline sum = _readings
            .Where((scoped in IoTTelemetry.View reading) => reading.Value != 2 || !isBroken
                ? true : throw new InvalidOperationException("broken"))
            .Aggregate("sum", map, One, (ref double state, scoped in IoTTelemetry.View reading) => state += reading.Value);
        for (int times = 0; times < 3; times++)
        {
            Assert.Equal("broken", Assert.Throws<InvalidOperationException>(() => sum.RunToEnd()).Message);
            Assert.Equal(1, map.TryGet(0, out Folded<double> soFar) ? soFar.State : -1);
        }

        isBroken = false;
        Assert.Equal(2, sum.RunToEnd());
        Assert.Equal(6, map.TryGet(0, out Folded<double> folded) ? folded.State : -1);
    }

    [Fact]
    public void Results_of_earlier_messages_are_committed_when_an_operator_throws()
    {
        Append(1, 2, 3, 4);
        using EstreamQueue output = Open("output");
        using EsfPipeline copy = _readings
            .Where((scoped in IoTTelemetry.View reading) => reading.Value != 3 ? true : throw new InvalidOperationException("broken"))
            .AppendTo<IoTTelemetry.Writer>("copy", output, 200, Copy);
        for (int times = 0; times < 2; times++)
        {
            Assert.Throws<InvalidOperationException>(() => copy.RunToEnd());
            Assert.Equal([1, 2], Values(output));
            Assert.Equal(2, copy.Read);
        }
    }

    [Fact]
    public void Results_held_back_when_an_operator_threw_are_written_once()
    {
        Append(1, 2, 3, 4);
        bool isBroken = true;
        using EstreamQueue output = Open("output");
        using EsfPipeline copy = _readings
            .Where((scoped in IoTTelemetry.View reading) => reading.Value != 3 || !isBroken
                ? true : throw new InvalidOperationException("broken"))
            .AppendTo<IoTTelemetry.Writer>("copy", output, 200, Copy);
        Assert.Throws<InvalidOperationException>(() => copy.RunToEnd());
        isBroken = false;
        copy.RunToEnd();
        Assert.Equal([1, 2, 3, 4], Values(output));
    }

    [Fact]
    public void Results_before_damage_in_the_log_are_written_once_after_its_repair()
    {
        Append(1, 2);
        long damaged = _appender.Append(Reading(3));
        string segment = Directory.GetFiles(Queue.Directory, "*.seg").Order(StringComparer.Ordinal).First();
        using EstreamQueue output = Open("output");
        using EsfPipeline copy = _readings.AppendTo<IoTTelemetry.Writer>("copy", output, 200, Copy);
        byte[] frame = Exchange(segment, damaged, [7, 0, 0, 0, 0, 0, 0, 0]);
        for (int times = 0; times < 3; times++)
        {
            Assert.ThrowsAny<EstreamException>(() => copy.RunToEnd());
        }

        Exchange(segment, damaged, frame);
        copy.RunToEnd();
        Assert.Equal([1, 2, 3], Values(output));
    }

    [Fact]
    public void Messages_of_other_schemas_are_skipped_and_counted()
    {
        Append(1);
        _appender.Append(Alert());
        _appender.Append([1, 2, 3]);
        Append(2);
        using EstreamQueue output = Open("output");
        using EsfPipeline copy = _readings.AppendTo<IoTTelemetry.Writer>("copy", output, 200, Copy);
        Assert.Equal(4, copy.RunToEnd());
        Assert.Equal((4, 2), (copy.Read, copy.Passed));
        Assert.Equal([1, 2], Values(output));
    }

    [Fact]
    public void Operators_chain_and_a_description_can_be_continued_twice()
    {
        Append(1, 2, 3, 4, 5, 6);
        EsfStream<double> even = _readings.Select((scoped in IoTTelemetry.View reading) => reading.Value)
            .Where((scoped in double value) => value % 2 == 0);
        using StateMap<int, double> newest = StateMap.CreateInMemory<int, double>();
        using StateMap<int, Folded<double>> sums = StateMap.CreateInMemory<int, Folded<double>>();
        using EsfPipeline first = even.Select((scoped in double value) => value * 10)
            .Materialize("first", newest, (scoped in double _) => 7, (scoped in double value) => value);
        using EsfPipeline second = even.Aggregate("second", sums, (scoped in double value) => value > 3 ? 1 : 0,
            (ref double sum, scoped in double value) => sum += value);
        Assert.Equal(6, first.RunToEnd());
        Assert.Equal(6, second.RunToEnd());
        Assert.Equal(0, second.RunToEnd());
        Assert.Equal([(7, 60.0)], newest.Select(entry => (entry.Key, entry.Value)));
        Assert.Equal([(0, 2.0), (1, 10.0)], sums.Select(entry => (entry.Key, entry.Value.State)).Order());
    }

    [Fact]
    public void Pipeline_resumes_at_its_position()
    {
        using EstreamQueue output = Open("output");
        string directory = _maps.Combine("sums");
        for (int round = 1; round <= 3; round++)
        {
            Append(round, round);
            using StateMap<int, Folded<double>> map = StateMap.Open<int, Folded<double>>(directory);
            using EsfPipeline sum = _readings.Aggregate("sum", map, One, Add);
            using EsfPipeline copy = _readings.AppendTo<IoTTelemetry.Writer>("copy", output, 200, Copy);
            Assert.Equal((2, 2), (sum.RunToEnd(), copy.RunToEnd()));
        }

        using StateMap<int, Folded<double>> sums = StateMap.Open<int, Folded<double>>(directory);
        Assert.Equal(12, sums.TryGet(0, out Folded<double> folded) ? folded.State : -1);
        Assert.Equal([1, 1, 2, 2, 3, 3], Values(output));
    }

    [Fact]
    public void Event_already_in_the_map_at_a_crash_counts_once()
    {
        Append(1, 2, 3);
        using StateMap<int, Folded<double>> map = StateMap.CreateInMemory<int, Folded<double>>();
        using StateMap<int, double> newest = StateMap.CreateInMemory<int, double>();
        long last = 0;
        using (EsfPipeline sum = _readings.Aggregate("sum", map, One, Add))
        using (EsfPipeline latest = _readings.Materialize("latest", newest, One, Value))
        {
            Assert.Equal((3, 3), (sum.RunToEnd(), latest.RunToEnd()));
            last = map.TryGet(0, out Folded<double> folded) ? folded.Position : -1;
        }

        // As after a crash between the put and the commit: the named tailer is still before the event.
        foreach (string name in (string[])["sum", "latest"])
        {
            using QueueTailer tailer = Queue.CreateTailer(name);
            tailer.Seek(last);
            tailer.Commit();
        }

        using EsfPipeline again = _readings.Aggregate("sum", map, One, Add);
        using EsfPipeline latestAgain = _readings.Materialize("latest", newest, One, Value);
        Assert.Equal((1, 1), (again.RunToEnd(), latestAgain.RunToEnd()));
        Assert.Equal(6, map.TryGet(0, out Folded<double> once) ? once.State : -1);
        Assert.Equal(3, newest.TryGet(0, out double value) ? value : -1);
    }

    [Theory]
    [InlineData(true)]
    [InlineData(false)]
    public void Map_not_written_by_the_pipeline_is_rebuilt(bool isAnothers)
    {
        Append(1, 2);
        string directory = _maps.Combine("sums");
        using (StateMap<int, Folded<double>> map = StateMap.Open<int, Folded<double>>(directory))
        {
            using (EsfPipeline sum = _readings.Aggregate("sum", map, One, Add))
            {
                sum.RunToEnd();
            }

            map.Put(5, new Folded<double>(0, 5));
        }

        if (!isAnothers)
        {
            // The pipeline has its position, but the map is missing.
            Directory.Delete(directory, recursive: true);
        }

        Append(4);
        using StateMap<int, Folded<double>> again = StateMap.Open<int, Folded<double>>(directory);
        using EsfPipeline next = _readings.Aggregate(isAnothers ? "other" : "sum", again, One, Add);
        Assert.Equal(3, next.RunToEnd());
        Assert.Equal([(0, 7.0)], again.Select(entry => (entry.Key, entry.Value.State)));
    }

    [Fact]
    public void State_that_cannot_be_rebuilt_throws_until_it_is_cleared()
    {
        using EstreamQueue queue =
            EstreamQueue.Open(_maps.Combine("queue"), new QueueOptions { SegmentBytes = 1 << 16, RetainedBytes = 1 << 16 });
        EsfStream<IoTTelemetry.View> readings = EsfStream.From<IoTTelemetry.View>(queue);
        using StateMap<int, Folded<double>> map = StateMap.Open<int, Folded<double>>(_maps.Combine("map"));
        map.Put(1, new Folded<double>(0, 1));
        using (QueueAppender appender = queue.CreateAppender())
        {
            byte[] reading = Reading(1);
            Eventually.True(
                () =>
                {
                    // Many per check: there is a pause of some milliseconds after each check, and more on a busy machine.
                    for (int i = 0; i < 100; i++)
                    {
                        appender.Append(reading);
                    }

                    return queue.GetInfo().FirstSequence > 0;
                },
                "retention gives something up");
        }

        EstreamCorruptionException refused = Assert.Throws<EstreamCorruptionException>(() => readings.Aggregate("sum", map, One, Add));
        Assert.Contains(queue.Directory, refused.Message, StringComparison.Ordinal);
        Assert.Contains(map.Directory!, refused.Message, StringComparison.Ordinal);
        map.Clear();
        long kept = queue.GetInfo().MessageCount;
        using EsfPipeline sum = readings.Aggregate("sum", map, One, Add);
        Assert.Equal(kept, sum.RunToEnd());
        Assert.Equal(kept, map.TryGet(0, out Folded<double> folded) ? folded.State : -1);
    }

    [Fact]
    public void StartOver_rebuilds_maps_and_throws_for_appended_results()
    {
        Append(1, 2);
        using EstreamQueue output = Open("output");
        using StateMap<int, Folded<double>> map = StateMap.CreateInMemory<int, Folded<double>>();
        using EsfPipeline sum = _readings.Aggregate("sum", map, One, Add);
        using EsfPipeline copy = _readings.AppendTo<IoTTelemetry.Writer>("copy", output, 200, Copy);
        sum.RunToEnd();
        sum.StartOver();
        Assert.Equal(0, map.Count);
        Assert.Equal(2, sum.RunToEnd());
        Assert.Equal(3, map.TryGet(0, out Folded<double> folded) ? folded.State : -1);
        Assert.Contains(output.Directory, Assert.Throws<NotSupportedException>(copy.StartOver).Message, StringComparison.Ordinal);
    }

    [Fact]
    public void Too_long_messages_throw_and_full_batches_are_committed()
    {
        const int Many = 2_000;
        Append([.. Enumerable.Range(0, Many).Select(i => (double)i)]);
        using EstreamQueue output = Open("output");
        using (EsfPipeline tight = _readings.AppendTo<IoTTelemetry.Writer>("tight", output, 60, Copy))
        {
            Assert.ThrowsAny<ArgumentException>(() => tight.RunToEnd());
        }

        using EsfPipeline copy = _readings.AppendTo<IoTTelemetry.Writer>("copy", output, 20_000, Copy);
        Assert.Equal(Many, copy.RunToEnd());
        Assert.Equal(Enumerable.Range(0, Many).Select(i => (double)i), Values(output));
    }

    [Fact]
    public async Task Run_waits_for_messages_until_cancelled()
    {
        using StateMap<int, Folded<double>> map = StateMap.CreateInMemory<int, Folded<double>>();
        using EsfPipeline sum = _readings.Aggregate("sum", map, One, Add);
        using CancellationTokenSource stop = new();
        Task running = Task.Factory.StartNew(() => sum.Run(stop.Token), CancellationToken.None, TaskCreationOptions.LongRunning,
            TaskScheduler.Default);
        for (int i = 1; i <= 5; i++)
        {
            Append(1);
            Eventually.True(() => sum.Read == i, $"message {i} is taken");
        }

        await stop.CancelAsync();
        await running;
        Assert.Equal(5, map.TryGet(0, out Folded<double> folded) ? folded.State : -1);
    }

    [Fact]
    public void An_event_allocates_nothing()
    {
        // The queue fits in one segment, so that no other segment is created.
        const int Events = 100_000;
        using EstreamQueue queue = EstreamQueue.Open(_maps.Combine("queue"), new QueueOptions { SegmentBytes = 1 << 24 });
        using (QueueAppender appender = queue.CreateAppender(AppenderMode.Exclusive))
        {
            var typed = new EsfAppender<IoTTelemetry.Writer>(appender);
            for (int i = 0; i < Events; i++)
            {
                Append(typed, i);
            }
        }

        EsfStream<IoTTelemetry.View> readings = EsfStream.From<IoTTelemetry.View>(queue);
        using StateMap<int, double> newest = StateMap.CreateInMemory<int, double>();
        using StateMap<int, Folded<double>> sums = StateMap.CreateInMemory<int, Folded<double>>();
        using EsfPipeline materialize = readings.Where((scoped in IoTTelemetry.View reading) => reading.Value >= 0)
            .Materialize("newest", newest, One, Value);
        using EsfPipeline sum = readings.Aggregate("sum", sums, One, Add);
        long allocated = AllocationMeter.OnThisThread(1, () =>
        {
            materialize.StartOver();
            sum.StartOver();
            if (materialize.RunToEnd() + sum.RunToEnd() != 2 * Events)
            {
                throw new InvalidOperationException("Not all events were taken.");
            }
        });

        // Restarting may allocate; an event may not.
        Assert.InRange(allocated, 0, Events / 10);
    }

    private static int One(scoped in IoTTelemetry.View reading) => 0;

    private static double Value(scoped in IoTTelemetry.View reading) => reading.Value;

    private static void Add(ref double sum, scoped in IoTTelemetry.View reading) => sum += reading.Value;

    private static void Copy(scoped in IoTTelemetry.View reading, ref IoTTelemetry.Writer writer) => Fill(ref writer, reading.Value);

    private static byte[] Exchange(string file, long offset, byte[] bytes)
    {
        using FileStream stream = new(file, FileMode.Open, FileAccess.ReadWrite, FileShare.ReadWrite);
        byte[] before = new byte[bytes.Length];
        stream.Position = offset;
        stream.ReadExactly(before);
        stream.Position = offset;
        stream.Write(bytes);
        return before;
    }

    private static List<double> Values(EstreamQueue queue)
    {
        using QueueTailer tailer = queue.CreateTailer();
        var readings = new EsfTailer<IoTTelemetry.View>(tailer);
        List<double> values = [];
        while (readings.TryRead(out EsfMessage<IoTTelemetry.View> message))
        {
            values.Add(message.View.Value);
        }

        return values;
    }

    private void Append(params double[] values)
    {
        var readings = new EsfAppender<IoTTelemetry.Writer>(_appender);
        foreach (double value in values)
        {
            Append(readings, value);
        }
    }
}
