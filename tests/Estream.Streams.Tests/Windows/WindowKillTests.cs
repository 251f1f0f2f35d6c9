using Estream.Map;
using Estream.Streams.TestProcess;
using Estream.Streams.Tests.Thresholds;
using Estream.Testing;

namespace Estream.Streams.Tests.Windows;

/// <summary>Pipelines with windows whose process is killed repeatedly: each event counts once, and each result exists once.</summary>
public sealed class WindowKillTests : IDisposable
{
    private static readonly int s_kills = LongRun.Count(5, 200);

    private readonly TempDirectory _directory = new();
    private Beat[] _beats = [];
    private Beat[] _others = [];

    public void Dispose() => _directory.Dispose();

    [Fact]
    public void After_crashes_results_match_the_model()
    {
        KillLoop.RunAtWork("windows", _directory.Path, s_kills, seed: 7, longestMs: 60);

        using SampleWindows windows = new(_directory.Path);
        TakeEvents(windows);
        RunToEnd(windows, _beats.Length, _beats.Length, _beats.Length, _beats.Length + _others.Length);
        CheckWindows(windows);
        CheckSessions(windows);
        CheckThrottle(windows);
        CheckJoin(windows);
    }

    [Fact]
    public void After_crashes_results_of_the_other_stateful_operators_match_the_model()
    {
        SampleOperators.FillLimits(_directory.Path);
        KillLoop.RunAtWork("operators", _directory.Path, s_kills, seed: 7, longestMs: 60);

        using SampleOperators operators = new(_directory.Path);
        TakeEvents(operators);
        RunToEnd(operators, _beats.Length, _beats.Length, _beats.Length + _others.Length, _beats.Length, _beats.Length, _beats.Length,
            _beats.Length, _beats.Length + _others.Length);
        CheckSliding(operators);
        CheckDrop(operators);
        CheckInner(operators);
        CheckLookups(operators);
        CheckThreshold(operators);
        CheckKeptPassed(operators);
        CheckKeptPairs(operators);
    }

    /// <summary>Recomputes the events that were appended while the pipelines ran, from their numbers.</summary>
    private void TakeEvents(SampleEvents events)
    {
        _beats = [.. Enumerable.Range(0, events.BeatCount).Select(SampleEvents.BeatOf)];
        _others = [.. Enumerable.Range(0, events.OtherCount).Select(SampleEvents.OtherOf)];
    }

    /// <summary>Lets each pipeline process the remaining events.</summary>
    private static void RunToEnd(SampleEvents events, params int[] counts)
    {
        long[] left = [.. events.Pipelines.Select(pipeline => pipeline.RunToEnd())];
        Assert.Equal(counts.Length, left.Length);
        Assert.All(left.Zip(counts),
            one => Assert.True(one.First < one.Second, $"{one.First} of {one.Second} were left: nothing was done before the kills."));
    }

    private void CheckSliding(SampleOperators operators)
    {
        WindowModel model = WindowModel.Sliding(SampleEvents.Size, SampleOperators.Advance, SampleEvents.Delay, SampleEvents.Lateness)
            .TakeAll(_beats);
        Assert.Equal(Order(model.Results), Order(Tallied.All(operators.Results)));
        Assert.Equal(model.Late, Beat.All(operators.Late));
        Assert.NotEmpty(model.Late);
        Assert.Equal(model.Late.Count, operators.Pipelines[0].Late);
    }

    private void CheckDrop(SampleOperators operators)
    {
        List<long> expected = ThrottleModel.Passed(
            [.. _beats.Select(beat => beat with { Key = SampleEvents.GroupOf(beat.Key) })], SampleOperators.Most, Excess.Drop,
            SampleEvents.Size, SampleEvents.Delay, out long dropped, out long late);
        Assert.Equal(expected, Beat.All(operators.Passed).Select(beat => beat.Value));
        Assert.True(dropped > 0, "Nothing was dropped.");
        Assert.Equal((dropped, late), (operators.Pipelines[1].Dropped, operators.Pipelines[1].Late));
    }

    private void CheckInner(SampleOperators operators)
    {
        HashSet<Beat> lateLeft = [.. Beat.All(operators.LateLeft)];
        HashSet<Beat> lateRight = [.. Beat.All(operators.LateRight)];
        Assert.Equal(lateLeft.Count + lateRight.Count, operators.Pipelines[2].Late);
        IEnumerable<Pair> expected = Pair.Expected(
            _beats.Where(beat => !lateLeft.Contains(beat)), _others.Where(beat => !lateRight.Contains(beat)), SampleEvents.Within,
            alone: long.MinValue, SampleEvents.JoinKeyOf);
        Assert.Equal(Pair.Order(expected), Pair.Order(Pair.All(operators.Pairs)));
    }

    private void CheckLookups(SampleOperators operators)
    {
        (Beat Beat, long? Limit)[] looked = [.. _beats.Select(beat => (beat, SampleOperators.LimitOf(SampleEvents.GroupOf(beat.Key))))];
        Assert.Equal(looked.Where(one => one.Limit is not null).Select(one => one.Beat.Value + one.Limit!.Value),
            Beat.All(operators.Found).Select(beat => beat.Value));
        Assert.Equal(looked.Select(one => one.Limit is long limit ? one.Beat.Value + limit : -one.Beat.Value),
            Beat.All(operators.FoundOrNot).Select(beat => beat.Value));
    }

    private void CheckThreshold(SampleOperators operators)
    {
        List<Crossed> expected =
            ThresholdModel.Above(_beats, beat => SampleOperators.LevelOf(beat.Value), SampleOperators.Raise, SampleOperators.Clear);
        Assert.Equal(expected, Crossed.All(operators.Crossings));
        Assert.True(expected.Count > SampleEvents.Keys, "It hardly crossed.");
    }

    private void CheckKeptPassed(SampleOperators operators)
    {
        List<long> passed = ThrottleModel.Passed(
            [.. _beats.Select(beat => beat with { Key = SampleEvents.GroupOf(beat.Key) })], SampleOperators.MostKept, Excess.KeepNewest,
            SampleEvents.Size, SampleEvents.Delay, out long dropped, out long late);
        RequireKept(passed.GroupBy(SampleOperators.SlotOf).ToDictionary(slot => slot.Key, slot => slot.Max()), operators.KeptPassed);
        Assert.Equal((dropped, late), (operators.Pipelines[6].Dropped, operators.Pipelines[6].Late));
    }

    private void CheckKeptPairs(SampleOperators operators)
    {
        HashSet<Beat> lateLeft = [.. Beat.All(operators.KeptLateLeft)];
        HashSet<Beat> lateRight = [.. Beat.All(operators.KeptLateRight)];
        Assert.Equal(lateLeft.Count + lateRight.Count, operators.Pipelines[7].Late);
        IEnumerable<Pair> pairs = Pair.Expected(
            _beats.Where(beat => !lateLeft.Contains(beat)), _others.Where(beat => !lateRight.Contains(beat)), SampleEvents.Within,
            alone: long.MinValue, SampleEvents.JoinKeyOf);
        RequireKept(
            pairs.ToDictionary(pair => SampleOperators.PairKey(pair.Left.Value, pair.Right!.Value.Value), pair => pair.Right!.Value.Time),
            operators.KeptPairs);
    }

    /// <summary>Asserts that a map contains exactly the expected entries.</summary>
    private static void RequireKept(Dictionary<long, long> expected, StateMap<long, long> kept)
    {
        Assert.NotEmpty(expected);
        foreach ((long key, long value) in expected)
        {
            Assert.True(kept.TryGet(key, out long found), $"There is nothing of {key}.");
            Assert.Equal(value, found);
        }

        Assert.Equal(expected.Count, kept.Count);
    }

    private void CheckWindows(SampleWindows windows)
    {
        WindowModel model = WindowModel.Sliding(SampleEvents.Size, SampleEvents.Size, SampleEvents.Delay, SampleEvents.Lateness)
            .TakeAll(_beats);
        Assert.Equal(Order(model.Results), Order(Tallied.All(windows.Results)));
        Assert.Equal(model.Late, Beat.All(windows.Late));
        Assert.NotEmpty(model.Late);
        Assert.Equal(model.Late.Count, windows.Pipelines[0].Late);
    }

    private void CheckSessions(SampleWindows windows)
    {
        WindowModel model = WindowModel.Session(SampleWindows.Gap, SampleEvents.Delay)
            .TakeAll(_beats.Select(beat => beat with { Key = SampleEvents.GroupOf(beat.Key) }));

        // A session may start where a finished session started, if an event of that time joins a later session. The map has the newest
        // session.
        List<Tallied> newest = [.. model.Results.GroupBy(session => (session.Key, session.Start)).Select(sessions => sessions.Last())];
        foreach (Tallied session in newest)
        {
            Assert.True(windows.Sessions.TryGet(SampleWindows.SessionKey(session.Key, session.Start), out Tally tally),
                $"Session {session} is not there.");
            Assert.Equal((session.Tally.Count, session.Tally.Sum), (tally.Count, tally.Sum));
        }

        Assert.Equal(newest.Count, windows.Sessions.Count);
        Assert.Equal(model.Late.Count, windows.Pipelines[1].Late);
    }

    private void CheckThrottle(SampleWindows windows)
    {
        List<long> expected = ThrottleModel.Passed(
            [.. _beats.Select(beat => beat with { Key = SampleEvents.GroupOf(beat.Key) })], most: 2, Excess.KeepNewest, SampleEvents.Size,
            SampleEvents.Delay, out long dropped, out long late);
        Assert.Equal(expected.Order(), Beat.All(windows.Passed).Select(beat => beat.Value).Order());
        Assert.Equal((dropped, late), (windows.Pipelines[2].Dropped, windows.Pipelines[2].Late));
    }

    private static IEnumerable<Tallied> Order(IEnumerable<Tallied> results) =>
        results.OrderBy(result => (result.Start, result.Key, result.Revision));

    // Which events are late depends on the read order; all other events are joined.
    private void CheckJoin(SampleWindows windows)
    {
        HashSet<Beat> lateLeft = [.. Beat.All(windows.LateLeft)];
        HashSet<Beat> lateRight = [.. Beat.All(windows.LateRight)];
        Assert.Equal(lateLeft.Count + lateRight.Count, windows.Pipelines[3].Late);
        Assert.NotEmpty(lateLeft);
        long watermark = Math.Min(_beats.Max(beat => beat.Time), _others.Max(beat => beat.Time)) - SampleEvents.Delay;
        IEnumerable<Pair> expected = Pair.Expected(
            _beats.Where(beat => !lateLeft.Contains(beat)), _others.Where(beat => !lateRight.Contains(beat)), SampleEvents.Within,
            watermark - SampleEvents.Within - 1, SampleEvents.JoinKeyOf);
        Assert.Equal(Pair.Order(expected), Pair.Order(Pair.All(windows.Pairs)));
    }
}
