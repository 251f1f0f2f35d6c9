using Estream.Core;
using Estream.Iot;
using Estream.Map;
using Estream.Queue;
using Estream.Streams.TestProcess;
using Estream.Testing;

namespace Estream.Streams.Tests.Windows;

/// <summary>States and results that do not belong together: made anew where that can be, refused where not, never gone on with.</summary>
public sealed class WindowLossTests : WindowCase
{
    [Fact]
    public void Results_of_other_windows_do_not_stay_in_the_map()
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
    public void A_state_that_is_lost_is_made_anew_and_no_result_comes_twice()
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
    public void A_state_whose_results_are_lost_makes_them_anew()
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
    public void Where_the_queue_has_not_all_events_any_more_a_lost_state_is_refused()
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
                    new Beat(1, time += 10, 1).AppendTo(typed);
                    if (time % 1_000 == 0)
                    {
                        RunOnce(output, queue);
                    }

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
    public void A_pipeline_that_does_not_make_the_same_again_is_found_out()
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
    public void A_state_of_another_queue_is_refused_where_it_is_found_out()
    {
        AppendAt(1, 2, 11, 25, 40, 60);
        using EstreamQueue output = Open("output");
        RunOnce(output);
        using EstreamQueue shorter = Open("shorter");
        Assert.Contains("another queue", Assert.Throws<EstreamCorruptionException>(() => RunOnce(output, shorter)).Message,
            StringComparison.Ordinal);
    }

    [Fact]
    public void A_map_of_results_that_is_lost_is_made_anew()
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
    public void It_starts_over_when_asked_and_what_was_appended_stays()
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
