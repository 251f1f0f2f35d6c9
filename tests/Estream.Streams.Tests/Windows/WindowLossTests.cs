using Estream.Core;
using Estream.Iot;
using Estream.Map;
using Estream.Queue;
using Estream.Streams.TestProcess;
using Estream.Testing;

namespace Estream.Streams.Tests.Windows;

/// <summary>States and results that do not belong together are rebuilt if possible and rejected otherwise; no pipeline continues from
/// them.</summary>
public sealed class WindowLossTests : WindowCase
{
    [Fact]
    public void Results_of_former_windows_are_removed_from_the_map()
    {
        AppendAt(1, 11, 25);
        using StateMap<long, Windowed<long, Tally>> state = NewState();
        using StateMap<long, long> counts = StateMap.CreateInMemory<long, long>();
        foreach (long size in (long[])[10, 15])
        {
            using EsfPipeline pipeline = Tumbling(size, 0).Aggregate("w", state, Beat.KeyOf, Tally.Add)
                .Materialize(counts, (scoped in WindowResult<long, Tally> result) => result.Start / Beat.Second,
                    (scoped in WindowResult<long, Tally> result) => result.State.Count);
            pipeline.RunToEnd();
        }

        Assert.Equal([(0L, 2L)], counts.Select(entry => (entry.Key, entry.Value)));
    }

    [Fact]
    public void Lost_state_is_rebuilt_without_duplicate_results()
    {
        AppendAt(1, 2, 11, 25);
        using EstreamQueue output = Open("output");
        RunOnce(output);
        List<Tallied> before = Tallied.All(output);
        Assert.Equal(2, before.Count);
        Directory.Delete(StateDirectory, recursive: true);
        AppendAt(41);
        RunOnce(output);
        Assert.Equal(before, Tallied.All(output).Take(2));
        Assert.Equal([0L, 10, 20], Tallied.All(output).Select(result => result.Start));
    }

    [Fact]
    public void Lost_results_are_rebuilt_with_the_state()
    {
        AppendAt(1, 2, 11, 25);
        using (EstreamQueue output = Open("output"))
        {
            RunOnce(output);
        }

        using EstreamQueue another = Open("another");
        RunOnce(another);
        Assert.Equal([0L, 10], Tallied.All(another).Select(result => result.Start));
    }

    [Fact]
    public void Lost_state_throws_when_the_queue_has_reclaimed_events()
    {
        using EstreamQueue queue =
            EstreamQueue.Open(Maps.Combine("queue"), new QueueOptions { SegmentBytes = 1 << 16, RetainedBytes = 1 << 16 });
        using EstreamQueue output = Open("output");
        using (QueueAppender appender = queue.CreateAppender())
        {
            var typed = new EsfAppender<IoTTelemetry.Writer>(appender);
            long time = 0;
            Eventually.True(
                () =>
                {
                    // Many per check: there is a pause of some milliseconds after each check, and more on a busy machine.
                    for (int i = 0; i < 100; i++)
                    {
                        new Beat(1, time += 10, 1).AppendTo(typed);
                    }

                    RunOnce(output, queue);
                    return queue.GetInfo().FirstSequence > 0;
                },
                "retention gives something up");
        }

        RunOnce(output, queue);
        Directory.Delete(StateDirectory, recursive: true);
        EstreamCorruptionException refused = Assert.Throws<EstreamCorruptionException>(() => RunOnce(output, queue));
        Assert.Contains(queue.Directory, refused.Message, StringComparison.Ordinal);
        Assert.Contains(StateDirectory, refused.Message, StringComparison.Ordinal);

        using EstreamQueue fresh = Open("fresh");
        RunOnce(fresh, queue);
        Assert.NotEmpty(Tallied.All(fresh));
    }

    [Fact]
    public void Pipeline_with_different_results_on_replay_throws()
    {
        AppendAt(1, 2, 11, 25);
        using EstreamQueue output = Open("output");
        RunOnce(output);
        Directory.Delete(StateDirectory, recursive: true);
        using StateMap<long, Windowed<long, Tally>> state = StateMap.Open<long, Windowed<long, Tally>>(StateDirectory);
        using EsfPipeline other = Tumbling(20, 0).Aggregate("w", state, Beat.KeyOf, Tally.Add)
            .AppendTo<IoTTelemetry.Writer>(output, 300, Tallied.Write);
        for (int times = 0; times < 2; times++)
        {
            EstreamCorruptionException refused = Assert.Throws<EstreamCorruptionException>(() => other.RunToEnd());
            Assert.Contains("Result 0 in", refused.Message, StringComparison.Ordinal);
            Assert.Contains(output.Directory, refused.Message, StringComparison.Ordinal);
        }

        Assert.Equal(2, Tallied.All(output).Count);
    }

    [Fact]
    public void State_of_another_queue_throws_when_detected()
    {
        AppendAt(1, 2, 11, 25, 40, 60);
        using EstreamQueue output = Open("output");
        RunOnce(output);
        using EstreamQueue shorter = Open("shorter");
        Assert.Contains("another queue", Assert.Throws<EstreamCorruptionException>(() => RunOnce(output, shorter)).Message,
            StringComparison.Ordinal);
    }

    [Fact]
    public void Lost_result_map_is_rebuilt()
    {
        AppendAt(1, 2, 11, 25);
        using StateMap<long, Windowed<long, Tally>> state = NewState();
        EsfResults<WindowResult<long, Tally>> results = Tumbling(10, 0).Aggregate("w", state, Beat.KeyOf, Tally.Add);
        for (int times = 0; times < 2; times++)
        {
            using StateMap<long, long> sums = StateMap.CreateInMemory<long, long>();
            sums.Put(77, 77);
            using EsfPipeline pipeline = results.Materialize(sums,
                (scoped in WindowResult<long, Tally> result) => result.Start / Beat.Second,
                (scoped in WindowResult<long, Tally> result) => result.State.Sum);
            pipeline.RunToEnd();
            Assert.Equal([(0L, 3L), (10, 3)], sums.Select(entry => (entry.Key, entry.Value)).Order());
        }
    }

    [Fact]
    public void StartOver_rebuilds_maps_and_throws_for_appended_results()
    {
        AppendAt(1, 2, 11, 25, 3);
        using StateMap<long, Windowed<long, Tally>> state = NewState();
        using StateMap<long, Windowed<long, Tally>> another = NewState();
        using StateMap<long, long> sums = StateMap.CreateInMemory<long, long>();
        using EstreamQueue output = Open("output");
        using EsfPipeline toMap = Tumbling(10, 0).Aggregate("m", state, Beat.KeyOf, Tally.Add)
            .Materialize(sums, (scoped in WindowResult<long, Tally> result) => result.Start,
                (scoped in WindowResult<long, Tally> result) => result.State.Sum);
        using EsfPipeline toQueue = Tumbling(10, 0).Aggregate("q", another, Beat.KeyOf, Tally.Add)
            .AppendTo<IoTTelemetry.Writer>(output, 300, Tallied.Write);
        Assert.Equal((5, 5), (toMap.RunToEnd(), toQueue.RunToEnd()));
        toMap.StartOver();
        Assert.Equal((0, 0, 0), (sums.Count, toMap.Late, toMap.RunToEnd() - 5));
        Assert.Equal((2, 1), (sums.Count, toMap.Late));
        Assert.Contains(output.Directory, Assert.Throws<NotSupportedException>(toQueue.StartOver).Message, StringComparison.Ordinal);
    }

    private void RunOnce(EstreamQueue output, EstreamQueue? queue = null)
    {
        using StateMap<long, Windowed<long, Tally>> state = StateMap.Open<long, Windowed<long, Tally>>(StateDirectory);
        using EsfPipeline pipeline = EsfStream.From<IoTTelemetry.View>(queue ?? Queue)
            .Window(Streams.Windows.Tumbling(Seconds(10)), Beat.TimeOf, Behind(0))
            .Aggregate("w", state, Beat.KeyOf, Tally.Add).AppendTo<IoTTelemetry.Writer>(output, 300, Tallied.Write);
        pipeline.RunToEnd();
    }
}
