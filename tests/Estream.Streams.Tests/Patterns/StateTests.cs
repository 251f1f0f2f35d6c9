using System.Text;
using Estream.Core;
using Estream.Iot;
using Estream.Map;
using Estream.Queue;
using Estream.Streams.TestProcess.Patterns;
using Estream.Testing;

namespace Estream.Streams.Tests.Patterns;

/// <summary>State streams: the newest message of each key, in a queue that reclaims older messages, and a late reader that gets the
/// complete state.</summary>
public sealed class StateTests : IDisposable
{
    private readonly TempDirectory _directory = new();

    public void Dispose() => _directory.Dispose();

    [Fact]
    public void Invalid_arguments_are_refused()
    {
        using EstreamQueue queue = OpenQueue();
        EsfState<IoTTelemetry.View> state = StateProgram.Describe(queue);
        using ByteMap inMemory = ByteMap.CreateInMemory();
        Assert.Contains("file-backed", Assert.Throws<ArgumentException>(() => state.Compact("newest", inMemory)).Message,
            StringComparison.Ordinal);
        using ByteMap map = OpenMap();
        Assert.ThrowsAny<ArgumentException>(() => state.Compact("", map));
        Assert.ThrowsAny<ArgumentException>(() => state.Compact("a/b", map));
        using QueueAppender appender = queue.CreateAppender();
        Assert.Throws<ArgumentException>(() => EsfState.Remove(appender, new byte[EsfState.MaxKeyBytes + 1]));
        Assert.Equal(0, appender.NextSequence);
        using EsfPipeline pipeline = state.Compact("newest", map);
        Assert.Throws<EstreamLeaseException>(() => state.Compact("newest", map));
    }

    [Fact]
    public void Map_of_another_stream_and_lost_map_throw()
    {
        using EstreamQueue queue = OpenQueue();
        EsfState<IoTTelemetry.View> state = StateProgram.Describe(queue);
        using (ByteMap map = OpenMap())
        {
            Append(queue, 5_000);
            using (EsfPipeline pipeline = state.Compact("newest", map))
            {
                pipeline.RunToEnd();
            }

            Append(queue, 5_000);
            Assert.True(queue.GetInfo().FirstSequence > 0);
            Assert.Contains("another stream", Assert.Throws<EstreamCorruptionException>(() => state.Compact("other", map)).Message,
                StringComparison.Ordinal);
        }

        using ByteMap empty = ByteMap.Open(_directory.Combine("empty"));
        Assert.Contains("Restore the map", Assert.Throws<EstreamCorruptionException>(() => state.Compact("newest", empty)).Message,
            StringComparison.Ordinal);
    }

    [Fact]
    public void Queue_reclaims_only_what_the_map_has()
    {
        using EstreamQueue queue = OpenQueue();
        using ByteMap map = OpenMap();
        using EsfPipeline pipeline = StateProgram.Describe(queue).Compact("newest", map);
        Append(queue, 5_000);
        Assert.Equal(0, queue.GetInfo().FirstSequence);
        pipeline.RunToEnd();
        Append(queue, 5_000);
        long first = queue.GetInfo().FirstSequence;
        Assert.InRange(first, 1, 5_000);
        pipeline.RunToEnd();
        Assert.Equal(StateProgram.After(10_000), Read(map));
        Assert.Throws<NotSupportedException>(pipeline.StartOver);
        Assert.Equal(StateProgram.After(10_000), Read(map));
    }

    [Fact]
    public void Queue_retains_what_the_map_lacks_even_after_an_idle_compaction()
    {
        using EstreamQueue queue = OpenQueue();
        using ByteMap map = OpenMap();
        EsfState<IoTTelemetry.View> state = StateProgram.Describe(queue);
        using (EsfPipeline before = state.Compact("newest", map))
        {
            Append(queue, 2_000);
            before.RunToEnd();
        }

        Append(queue, 2_000);
        state.Compact("newest", map).Dispose();
        long first = queue.GetInfo().FirstSequence;
        Append(queue, 5_000);
        Assert.Equal(first, queue.GetInfo().FirstSequence);
        using EsfPipeline pipeline = state.Compact("newest", map);
        pipeline.RunToEnd();
        Assert.Equal(StateProgram.After(9_000), Read(map));
    }

    /// <summary>The map is ahead of its stored compaction position, as during compaction and after a crash.</summary>
    [Fact]
    public void Reader_is_consistent_once_it_reaches_a_map_that_is_ahead()
    {
        using EstreamQueue queue = OpenQueue();
        using ByteMap map = OpenMap();
        Append(queue, 300);
        int left = 200;
        var failing = new EsfState<IoTTelemetry.View>(queue,
            (scoped in IoTTelemetry.View reading) => left-- > 0 ? reading.DeviceId : throw new InvalidOperationException());
        using (EsfPipeline pipeline = failing.Compact("newest", map))
        {
            Assert.Throws<InvalidOperationException>(() => pipeline.RunToEnd());
        }

        using EsfStateReader<IoTTelemetry.View> reader = StateProgram.Describe(queue).CreateReader(map);
        Dictionary<string, double> seen = [];
        while (!reader.IsConsistent)
        {
            Assert.True(reader.TryRead(out EsfStateEntry<IoTTelemetry.View> entry));
            Take(in entry, seen);
        }

        Assert.True(reader.Tailer.TryPeek(out QueueMessage next));
        Assert.InRange(next.Sequence, 200, 299);
        Assert.Equal(StateProgram.After(next.Sequence), seen);
    }

    [Fact]
    public void New_reader_has_the_same_state_as_a_reader_of_the_whole_queue()
    {
        using EstreamQueue queue = OpenQueue();
        using ByteMap map = OpenMap();
        EsfState<IoTTelemetry.View> state = StateProgram.Describe(queue);
        using EsfPipeline pipeline = state.Compact("newest", map);
        Append(queue, 10_000);
        pipeline.RunToEnd();
        Append(queue, 500);
        using EsfStateReader<IoTTelemetry.View> reader = state.CreateReader(map);
        Dictionary<string, double> seen = [];
        Assert.False(reader.IsConsistent);
        Take(reader, seen);
        Assert.True(reader.IsConsistent);
        Assert.Equal(StateProgram.After(10_500), seen);
        Append(queue, 1);
        Take(reader, seen);
        Assert.Equal(StateProgram.After(10_501), seen);
    }

    [Fact]
    public void Reader_during_compaction_is_consistent_when_IsConsistent_is_true()
    {
        string program = BuiltProgram.Find("tests/Estream.Streams.TestProcess", "Estream.Streams.TestProcess.dll");
        using ChildProcess child = ChildProcess.StartDotnet(program, ["state", _directory.Path]);
        child.WaitForText("running");
        for (int i = 0; i < LongRun.Count(10, 300); i++)
        {
            CheckLateReader();
        }
    }

    [Fact]
    public void After_crashes_no_state_is_lost()
    {
        KillLoop.Run("state", _directory.Path, LongRun.Count(8, 200), seed: 11, longestMs: 100, AwaitGivenUp, (kill, _) =>
        {
            if (kill % 2 == 0)
            {
                using EstreamQueue left = OpenQueue();
                using ByteMap mapLeft = OpenMap();
                using EsfPipeline again = StateProgram.Describe(left).Compact("newest", mapLeft);
                again.RunToEnd();
                Assert.Equal(StateProgram.After(left.GetInfo().NextSequence), Read(mapLeft));
            }
        });

        using EstreamQueue queue = OpenQueue();
        Assert.True(queue.GetInfo().FirstSequence > 0, "Nothing was given up, so nothing was shown.");
    }

    private void AwaitGivenUp(ChildProcess child)
    {
        using EstreamQueue beside = EstreamQueue.OpenReadOnly(StateProgram.QueueOf(_directory.Path));
        Eventually.True(() => beside.GetInfo().FirstSequence > 0, "something is given up before the kill");
    }

    private void CheckLateReader()
    {
        using EstreamQueue queue = EstreamQueue.OpenReadOnly(StateProgram.QueueOf(_directory.Path));
        using ByteMap map = ByteMap.OpenReadOnly(StateProgram.MapOf(_directory.Path));
        Dictionary<string, double> seen = [];
        using EsfStateReader<IoTTelemetry.View> reader = StateProgram.Describe(queue).CreateReader(map);
        while (!reader.IsConsistent)
        {
            if (reader.TryRead(out EsfStateEntry<IoTTelemetry.View> entry))
            {
                Take(in entry, seen);
            }
        }

        QueueMessage next;
        while (!reader.Tailer.TryPeek(out next))
        {
            Assert.True(reader.Tailer.WaitToRead(ChildProcess.DefaultLimit));
        }

        Assert.Equal(StateProgram.After(next.Sequence), seen);
    }

    private EstreamQueue OpenQueue() => EstreamQueue.Open(StateProgram.QueueOf(_directory.Path), StateProgram.Options);

    private ByteMap OpenMap() => ByteMap.Open(StateProgram.MapOf(_directory.Path));

    private static void Append(EstreamQueue queue, int count)
    {
        using QueueAppender appender = queue.CreateAppender(AppenderMode.Exclusive);
        var readings = new EsfAppender<IoTTelemetry.Writer>(appender);
        for (int i = 0; i < count; i++)
        {
            StateProgram.Append(appender, readings);
        }
    }

    private static Dictionary<string, double> Read(ByteMap map)
    {
        Dictionary<string, double> state = [];
        foreach (ByteMapEntry entry in map)
        {
            state.Add(Encoding.UTF8.GetString(entry.Key), IoTTelemetry.View.Of(entry.Value).Value);
        }

        return state;
    }

    private static void Take(EsfStateReader<IoTTelemetry.View> reader, Dictionary<string, double> state)
    {
        while (reader.TryRead(out EsfStateEntry<IoTTelemetry.View> entry))
        {
            Take(in entry, state);
        }
    }

    private static void Take(in EsfStateEntry<IoTTelemetry.View> entry, Dictionary<string, double> state)
    {
        string key = Encoding.UTF8.GetString(entry.Key);
        if (entry.IsRemoved)
        {
            state.Remove(key);
        }
        else
        {
            state[key] = entry.View.Value;
        }
    }
}
