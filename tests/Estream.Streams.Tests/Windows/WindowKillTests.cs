using Estream.Iot;
using Estream.Queue;
using Estream.Streams.TestProcess;
using Estream.Testing;

namespace Estream.Streams.Tests.Windows;

/// <summary>Pipelines with windows whose process is killed again and again: each event counts once, and each result is there once.</summary>
public sealed class WindowKillTests : IDisposable
{
    private const int BeatsPerKill = 15_000;

    private static readonly int s_kills = LongRun.Count(10, 200);

    private readonly TempDirectory _directory = new();

    public void Dispose() => _directory.Dispose();

    [Fact]
    public void After_kills_at_any_moment_the_results_are_those_of_a_list()
    {
        Beat[] beats = [.. Enumerable.Range(0, s_kills * BeatsPerKill).Select(SampleWindows.BeatOf)];
        Beat[] others = [.. Enumerable.Range(0, beats.Length / 2).Select(SampleWindows.OtherOf)];
        Fill(SampleWindows.BeatsOf(_directory.Path), beats);
        Fill(SampleWindows.OthersOf(_directory.Path), others);
        KillAgainAndAgain("windows");

        using SampleWindows windows = new(_directory.Path);
        long[] left = [.. windows.Pipelines.Select(pipeline => pipeline.RunToEnd())];
        Assert.All(left.Zip([beats.Length, beats.Length, beats.Length, beats.Length + others.Length]), one => Assert.True(one.First < one.Second, $"{one.First} of {one.Second} were left: nothing was done before the kills."));
        CheckWindows(windows, beats);
        CheckSessions(windows, beats);
        CheckThrottle(windows, beats);
        CheckJoin(windows, beats, others);
    }

    [Fact]
    public void After_kills_at_any_moment_the_results_of_the_other_operators_are_those_of_a_list_too()
    {
        Beat[] beats = [.. Enumerable.Range(0, s_kills * BeatsPerKill).Select(SampleWindows.BeatOf)];
        Beat[] others = [.. Enumerable.Range(0, beats.Length / 2).Select(SampleWindows.OtherOf)];
        Fill(SampleWindows.BeatsOf(_directory.Path), beats);
        Fill(SampleWindows.OthersOf(_directory.Path), others);
        SampleOperators.FillLimits(_directory.Path);
        KillAgainAndAgain("operators");

        using SampleOperators operators = new(_directory.Path);
        long[] left = [.. operators.Pipelines.Select(pipeline => pipeline.RunToEnd())];
        Assert.All(
            left.Zip([beats.Length, beats.Length, beats.Length + others.Length, beats.Length, beats.Length]),
            one => Assert.True(one.First < one.Second, $"{one.First} of {one.Second} were left: nothing was done before the kills."));
        CheckSliding(operators, beats);
        CheckDrop(operators, beats);
        CheckInner(operators, beats, others);
        CheckLookups(operators, beats);
    }

    private static void CheckSliding(SampleOperators operators, Beat[] beats)
    {
        WindowModel model = WindowModel.Sliding(SampleWindows.Size, SampleOperators.Advance, SampleWindows.Delay, SampleWindows.Lateness).TakeAll(beats);
        Assert.Equal(Order(model.Results), Order(Tallied.All(operators.Results)));
        Assert.Equal(model.Late, Beat.All(operators.Late));
        Assert.NotEmpty(model.Late);
        Assert.Equal(model.Late.Count, operators.Pipelines[0].Late);
    }

    private static void CheckDrop(SampleOperators operators, Beat[] beats)
    {
        List<long> expected = ThrottleTests.Expected(
            [.. beats.Select(beat => beat with { Key = SampleWindows.GroupOf(beat.Key) })], SampleOperators.Most, Excess.Drop, SampleWindows.Size, SampleWindows.Delay, out long dropped, out long late);
        Assert.Equal(expected, Beat.All(operators.Passed).Select(beat => beat.Value));
        Assert.True(dropped > 0, "Nothing was dropped.");
        Assert.Equal((dropped, late), (operators.Pipelines[1].Dropped, operators.Pipelines[1].Late));
    }

    private static void CheckInner(SampleOperators operators, Beat[] beats, Beat[] others)
    {
        HashSet<Beat> lateLeft = [.. Beat.All(operators.LateLeft)];
        HashSet<Beat> lateRight = [.. Beat.All(operators.LateRight)];
        Assert.Equal(lateLeft.Count + lateRight.Count, operators.Pipelines[2].Late);
        IEnumerable<Pair> expected = Pair.Expected(
            beats.Where(beat => !lateLeft.Contains(beat)), others.Where(beat => !lateRight.Contains(beat)), SampleWindows.Within, alone: long.MinValue, SampleWindows.JoinKeyOf);
        Assert.Equal(Pair.Order(expected), Pair.Order(Pair.All(operators.Pairs)));
    }

    private static void CheckLookups(SampleOperators operators, Beat[] beats)
    {
        (Beat Beat, long? Limit)[] looked = [.. beats.Select(beat => (beat, SampleOperators.LimitOf(SampleWindows.GroupOf(beat.Key))))];
        Assert.Equal(looked.Where(one => one.Limit is not null).Select(one => one.Beat.Value + one.Limit!.Value), Beat.All(operators.Found).Select(beat => beat.Value));
        Assert.Equal(looked.Select(one => one.Limit is long limit ? one.Beat.Value + limit : -one.Beat.Value), Beat.All(operators.FoundOrNot).Select(beat => beat.Value));
    }

    private static void CheckWindows(SampleWindows windows, Beat[] beats)
    {
        WindowModel model = WindowModel.Sliding(SampleWindows.Size, SampleWindows.Size, SampleWindows.Delay, SampleWindows.Lateness).TakeAll(beats);
        Assert.Equal(Order(model.Results), Order(Tallied.All(windows.Results)));
        Assert.Equal(model.Late, Beat.All(windows.Late));
        Assert.NotEmpty(model.Late);
        Assert.Equal(model.Late.Count, windows.Pipelines[0].Late);
    }

    private static void CheckSessions(SampleWindows windows, Beat[] beats)
    {
        WindowModel model = WindowModel.Session(SampleWindows.Gap, SampleWindows.Delay).TakeAll(beats.Select(beat => beat with { Key = SampleWindows.GroupOf(beat.Key) }));

        // A session may begin where one did that is over, when an event of that time joins a later one. The map has the newest.
        List<Tallied> newest = [.. model.Results.GroupBy(session => (session.Key, session.Start)).Select(sessions => sessions.Last())];
        foreach (Tallied session in newest)
        {
            Assert.True(windows.Sessions.TryGet(SampleWindows.SessionKey(session.Key, session.Start), out Tally tally), $"Session {session} is not there.");
            Assert.Equal((session.Tally.Count, session.Tally.Sum), (tally.Count, tally.Sum));
        }

        Assert.Equal(newest.Count, windows.Sessions.Count);
        Assert.Equal(model.Late.Count, windows.Pipelines[1].Late);
    }

    private static void CheckThrottle(SampleWindows windows, Beat[] beats)
    {
        List<long> expected = ThrottleTests.Expected(
            [.. beats.Select(beat => beat with { Key = SampleWindows.GroupOf(beat.Key) })], most: 2, Excess.KeepNewest, SampleWindows.Size, SampleWindows.Delay, out long dropped, out long late);
        Assert.Equal(expected.Order(), Beat.All(windows.Passed).Select(beat => beat.Value).Order());
        Assert.Equal((dropped, late), (windows.Pipelines[2].Dropped, windows.Pipelines[2].Late));
    }

    private static IEnumerable<Tallied> Order(IEnumerable<Tallied> results) => results.OrderBy(result => (result.Start, result.Key, result.Revision));

    // Which events are late depends on what was read when; what is not late is joined.
    private static void CheckJoin(SampleWindows windows, Beat[] beats, Beat[] others)
    {
        HashSet<Beat> lateLeft = [.. Beat.All(windows.LateLeft)];
        HashSet<Beat> lateRight = [.. Beat.All(windows.LateRight)];
        Assert.Equal(lateLeft.Count + lateRight.Count, windows.Pipelines[3].Late);
        Assert.NotEmpty(lateLeft);
        long watermark = Math.Min(beats.Max(beat => beat.Time), others.Max(beat => beat.Time)) - SampleWindows.Delay;
        IEnumerable<Pair> expected = Pair.Expected(
            beats.Where(beat => !lateLeft.Contains(beat)), others.Where(beat => !lateRight.Contains(beat)), SampleWindows.Within, watermark - SampleWindows.Within - 1, SampleWindows.JoinKeyOf);
        Assert.Equal(Pair.Order(expected), Pair.Order(Pair.All(windows.Pairs)));
    }

    private static void Fill(string directory, Beat[] beats)
    {
        using EstreamQueue queue = EstreamQueue.Open(directory, SamplePipelines.Options);
        using QueueAppender appender = queue.CreateAppender(AppenderMode.Exclusive);
        var typed = new EsfAppender<IoTTelemetry.Writer>(appender);
        foreach (Beat beat in beats)
        {
            beat.AppendTo(typed);
        }
    }

    private void KillAgainAndAgain(string command)
    {
        string program = BuiltProgram.Find("tests/Estream.Streams.TestProcess", "Estream.Streams.TestProcess.dll");
        var random = new Random(7);
        for (int kill = 0; kill < s_kills; kill++)
        {
            using ChildProcess child = ChildProcess.StartDotnet(program, [command, _directory.Path]);
            child.WaitForText("running");
            Thread.Sleep(random.Next(120));
            if (kill == 0)
            {
                // However slow the machine is: not all kills come before anything was done.
                child.WaitForText("under way");
            }

            child.Kill();
        }
    }
}
