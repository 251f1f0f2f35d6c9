using System.Text;
using Estream.Esf;
using Estream.Queue;
using Estream.Streams.TestProcess;
using Estream.Streams.Tests.Windows;
using Estream.Testing;

namespace Estream.Streams.Tests.Declared;

/// <summary>Declared windows and a declared join with many failed results, in a process that is killed repeatedly: each failure is reported
/// once, and every other result exists once.</summary>
public sealed class RejectedMessageKillTests : IDisposable
{
    private static readonly int s_kills = LongRun.Count(6, 150);

    private readonly TempDirectory _directory = new();

    public void Dispose() => _directory.Dispose();

    [Fact]
    public void After_crashes_failed_results_are_reported_once_and_all_others_exist_once()
    {
        KillLoop.RunAtWork("declared", _directory.Path, s_kills, seed: 7, longestMs: 60);

        using SampleDeclared sample = new(_directory.Path);
        sample.RunToEnd();
        Beat[] beats = [.. Enumerable.Range(0, (int)sample.Queue("beats").GetInfo().NextSequence).Select(SampleEvents.BeatOf)];
        Beat[] others = [.. Enumerable.Range(0, (int)sample.Queue("others").GetInfo().NextSequence).Select(SampleEvents.OtherOf)];
        string[] expected = [.. CheckTotals(sample, beats), .. CheckPairs(sample, beats, others)];
        List<string> told = [];
        Read(sample, "dead", "estream.system.DeadLetter", (fields, letter) => told.Add(TextOf(fields, "reason", letter)));
        Assert.Equal(expected.Order(StringComparer.Ordinal), told.Order(StringComparer.Ordinal));
    }

    /// <returns>The expected reports about windows.</returns>
    private static string[] CheckTotals(SampleDeclared sample, Beat[] beats)
    {
        // Computes the same windows twice: once over the values, and once over the number of values that make the result fail.
        WindowModel totals = WindowModel.Sliding(SampleDeclared.Size, SampleDeclared.Size, SampleDeclared.Delay).TakeAll(beats);
        WindowModel spoilers = WindowModel.Sliding(SampleDeclared.Size, SampleDeclared.Size, SampleDeclared.Delay)
            .TakeAll(beats.Select(beat => beat with { Value = SampleDeclared.IsSpoiled(beat.Value) ? 1 : 0 }));
        ILookup<bool, Tallied> windows = totals.Results.Zip(spoilers.Results)
            .ToLookup(pair => pair.Second.Tally.Sum > 0, pair => pair.First);
        List<(string Device, long Start, long Total)> made = [];
        Read(sample, "totals", "sample.Total", (fields, message) =>
        {
            Assert.True(FieldOf(fields, "start").TryGetInt64(message, out long start));
            made.Add((TextOf(fields, "device", message), start / Beat.Second, NumberOf(fields, "total", message)));
        });
        Assert.Equal(windows[false].Select(one => ($"{one.Key}", one.Start, one.Tally.Sum)).Order(), made.Order());
        Assert.NotEmpty(windows[true]);
        Assert.Equal((windows[true].Count(), totals.Late.Count), ((int)sample.Results[0].LeftOut, (int)sample.Results[0].Late));
        return
        [
            .. windows[true].Select(one =>
                $"the result of the window of '{one.Key}' that ends at {one.End * Beat.Second} ns cannot be made: "
                + "the value for 'spoiled' of sample.Total does not fit in the field, or in the pipeline's max_bytes"),
        ];
    }

    /// <returns>The expected reports about pairs.</returns>
    private static string[] CheckPairs(SampleDeclared sample, Beat[] beats, Beat[] others)
    {
        ILookup<bool, Pair> pairs = Pair.Expected(beats, others, SampleDeclared.Within, alone: long.MinValue, beat => beat.Key)
            .ToLookup(pair => SampleDeclared.IsSpoiledPair(pair.Left.Value, pair.Right!.Value.Value));
        List<(long Left, long Right)> made = [];
        Read(sample, "pairs", "sample.Near",
            (fields, message) => made.Add((NumberOf(fields, "left", message), NumberOf(fields, "right", message))));
        Assert.Equal(pairs[false].Select(pair => (pair.Left.Value, pair.Right!.Value.Value)).Order(), made.Order());
        Assert.NotEmpty(pairs[true]);
        Assert.Equal((pairs[true].Count(), 0), ((int)sample.Results[1].LeftOut, (int)sample.Results[1].Late));
        return
        [
            .. pairs[true].Select(pair =>
                $"the result of the join of the message of '{pair.Left.Key}' at {pair.Left.Time * Beat.Second} ns with the message of "
                + $"'others' at {pair.Right!.Value.Time * Beat.Second} ns cannot be made: "
                + "the field 'spoiled' of sample.Near gets no value that fits from 'if((value + other.value) % 5 == 0, 1e300, 0.0)'"),
        ];
    }

    private delegate void MessageReader(IReadOnlyList<EsfField> fields, ReadOnlySpan<byte> message);

    private static void Read(SampleDeclared sample, string queue, string schema, MessageReader read)
    {
        Assert.True(sample.Schemas.TryGet(schema, out EsfSchema? found));
        using QueueTailer tailer = sample.Queue(queue).CreateTailer();
        while (tailer.TryRead(out QueueMessage message))
        {
            Assert.True(found.Matches(message.Payload));
            read(found.Fields, message.Payload);
        }
    }

    private static EsfField FieldOf(IReadOnlyList<EsfField> fields, string name) => fields.First(field => field.Name == name);

    private static string TextOf(IReadOnlyList<EsfField> fields, string name, ReadOnlySpan<byte> message) =>
        FieldOf(fields, name).TryGetBytes(message, out ReadOnlySpan<byte> text) ? Encoding.UTF8.GetString(text) : "";

    private static long NumberOf(IReadOnlyList<EsfField> fields, string name, ReadOnlySpan<byte> message)
    {
        Assert.True(FieldOf(fields, name).TryGetDouble(message, out double number));
        return (long)number;
    }
}
