using Estream.Host.Runtime;
using Estream.Testing;
using Microsoft.Extensions.Logging.Abstractions;

namespace Estream.Host.Tests.Runtime.History;

/// <summary>Goal: a host has the values of its last hour and week, also after a restart, and no damaged file stops it.</summary>
public sealed class HistoryRecorderTests : IDisposable
{
    private const int Minute = 60;

    private readonly TempDirectory _directory = new();
    private readonly ManualClock _clock = new();
    private double _value;

    [Fact]
    public async Task Values_of_the_last_hour_are_there_after_a_restart()
    {
        await using (HistoryRecorder recorder = Open())
        {
            Record(recorder, seconds: 70 * Minute);
        }

        await using HistoryRecorder again = Open();
        SeriesPoint[] points = again.Read("a/b", new HistoryRange(again.Now + 1 - (60 * Minute), 1, 60 * Minute));

        Assert.Equal(Enumerable.Range((10 * Minute) + 1, 60 * Minute), points.Select(point => (int)point.Mean));
    }

    [Fact]
    public async Task A_crash_loses_the_values_of_the_current_minute_only()
    {
        HistoryRecorder crashed = Open();
        Record(crashed, seconds: (10 * Minute) + 30);
        crashed.Flush();

        // The object is not disposed, as in a crash.
        await using HistoryRecorder again = Open();
        SeriesPoint[] points = again.Read("a/b", Range(again, seconds: 11 * Minute, step: 1));

        Assert.Equal(10 * Minute, points.Count(point => point.Count > 0));
    }

    [Fact]
    public async Task Minutes_of_a_week_have_least_mean_and_greatest_value()
    {
        await using HistoryRecorder recorder = Open();
        Record(recorder, seconds: 3 * Minute);
        recorder.Flush();
        _clock.Pass(TimeSpan.FromDays(6));
        Record(recorder, seconds: Minute);
        recorder.Flush();

        SeriesPoint[] points = recorder.Read("a/b", Range(recorder, seconds: 7 * 24 * 3_600, step: 3_600));

        Assert.Equal(2, points.Count(point => point.Count > 0));
        Assert.Equal(new SeriesPoint(1, 90.5f, 180, 180), points.First(point => point.Count > 0));
    }

    [Fact]
    public async Task A_time_without_the_host_is_a_gap()
    {
        await using (HistoryRecorder recorder = Open())
        {
            Record(recorder, seconds: Minute);
        }

        _clock.Pass(TimeSpan.FromMinutes(10));
        await using HistoryRecorder again = Open();
        Record(again, seconds: Minute);
        SeriesPoint[] points = again.Read("a/b", Range(again, seconds: 12 * Minute, step: Minute));

        Assert.Equal([60, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 60], points.Select(point => point.Count));
    }

    [Fact]
    public async Task A_late_tick_stands_for_the_seconds_before_it_and_a_very_late_tick_does_not()
    {
        await using HistoryRecorder recorder = Open();
        Record(recorder, seconds: 1);
        _clock.Pass(TimeSpan.FromSeconds(2));
        Record(recorder, seconds: 1);
        _clock.Pass(TimeSpan.FromSeconds(20));
        Record(recorder, seconds: 1);

        SeriesPoint[] points = recorder.Read("a/b", Range(recorder, seconds: 25, step: 1));

        Assert.Equal([1f, 2, 2, 2, 3], points.Where(point => point.Count > 0).Select(point => point.Mean));
    }

    [Fact]
    public async Task A_total_becomes_a_rate_that_is_never_negative()
    {
        await using HistoryRecorder recorder = new(Folder, new HistoryPlan(10), _clock, NullLogger.Instance);
        recorder.Use([new SeriesSource(Info("a/b"), () => _value, IsTotal: true)]);
        foreach (double total in (double[])[100, 110, 5, 15])
        {
            _value = total;
            _clock.Pass(TimeSpan.FromSeconds(1));
            recorder.Tick();
        }

        SeriesPoint[] points = recorder.Read("a/b", Range(recorder, seconds: 4, step: 1));

        Assert.Equal([0, 1, 1, 1], points.Select(point => point.Count));
        Assert.Equal([10f, 0, 10], points.Skip(1).Select(point => point.Mean));
    }

    [Fact]
    public async Task Ticks_allocate_nothing_within_a_minute()
    {
        await using HistoryRecorder recorder = Open();
        Record(recorder, seconds: 1);
        long nanos = _clock.UtcNanos;

        long bytes = AllocationMeter.OnThisThread(1_000, () =>
        {
            // The same two seconds again and again, so that no minute ends.
            _clock.UtcNanos = nanos + (_clock.UtcNanos == nanos ? 1_000_000_000 : 0);
            recorder.Tick();
        });

        Assert.Equal(0, bytes);
    }

    [Theory]
    [InlineData(0, "")]
    [InlineData(100, "")]
    [InlineData(int.MaxValue, "not a history at all")]
    public async Task A_torn_or_foreign_file_is_set_aside(int length, string content)
    {
        await using (HistoryRecorder recorder = Open())
        {
            Record(recorder, seconds: Minute);
        }

        string path = Assert.Single(Directory.GetFiles(Folder));
        File.WriteAllBytes(path, content.Length > 0 ? System.Text.Encoding.UTF8.GetBytes(content) : File.ReadAllBytes(path)[..length]);
        await using HistoryRecorder again = Open();
        Record(again, seconds: Minute);
        again.Flush();

        Assert.Equal([path, path + HistoryFolder.AsideExtension], Directory.GetFiles(Folder).Order(StringComparer.Ordinal));
        Assert.Equal(Minute, again.Read("a/b", Range(again, seconds: Minute, step: Minute)).Single().Count);
    }

    [Fact]
    public async Task A_damaged_minute_is_a_gap_and_the_others_stay()
    {
        await using (HistoryRecorder recorder = Open())
        {
            Record(recorder, seconds: 3 * Minute);
        }

        string path = Assert.Single(Directory.GetFiles(Folder));
        byte[] bytes = File.ReadAllBytes(path);
        for (int offset = HistoryFile.HeaderBytes; offset < bytes.Length; offset++)
        {
            // Damage the values of the second minute, wherever they are.
            byte[] value = BitConverter.GetBytes(90f);
            if (bytes.AsSpan(offset).StartsWith(value))
            {
                bytes[offset] ^= 1;
            }
        }

        File.WriteAllBytes(path, bytes);
        await using HistoryRecorder again = Open();

        Assert.Equal([60, 0, 60],
            again.Read("a/b", Range(again, seconds: 3 * Minute, step: 1)).Chunk(Minute).Select(points => points.Sum(point => point.Count)));
    }

    [Fact]
    public async Task New_series_take_the_place_of_series_that_are_not_recorded_any_more()
    {
        await using HistoryRecorder recorder = new(Folder, new HistoryPlan(2), _clock, NullLogger.Instance);
        recorder.Use([Source("first"), Source("second"), Source("third")]);
        Record(recorder, seconds: Minute);
        recorder.Flush();
        Assert.Equal(["first", "second"], recorder.List().Select(info => info.Name));

        recorder.Use([Source("third"), Source("second")]);
        Record(recorder, seconds: Minute);
        recorder.Flush();

        Assert.Equal(["second", "third"], recorder.List().Select(info => info.Name));
        Assert.Equal(["second.history", "third.history"], Directory.GetFiles(Folder).Select(Path.GetFileName).Order());
    }

    [Fact]
    public async Task The_history_is_written_again_when_the_disk_has_space()
    {
        await using HistoryRecorder recorder = Open();
        Directory.CreateDirectory(Path.Combine(Folder, "a~b.history.new"));
        Record(recorder, seconds: 2 * Minute);
        recorder.Flush();
        Assert.Empty(Directory.GetFiles(Folder));

        Directory.Delete(Path.Combine(Folder, "a~b.history.new"));
        Record(recorder, seconds: Minute);
        recorder.Flush();

        await using HistoryRecorder again = Open();
        Assert.Equal(3 * Minute, again.Read("a/b", Range(again, seconds: 3 * Minute, step: 1)).Sum(point => point.Count));
    }

    [Fact]
    public async Task A_clock_that_goes_back_records_from_the_new_time_on()
    {
        await using HistoryRecorder recorder = Open();
        Record(recorder, seconds: 10 * Minute);
        _clock.UtcNanos -= 300_000_000_000;
        Record(recorder, seconds: Minute);

        SeriesPoint[] points = recorder.Read("a/b", Range(recorder, seconds: Minute, step: 1));

        Assert.Equal(Enumerable.Range((10 * Minute) + 1, Minute), points.Select(point => (int)point.Mean));
    }

    [Theory]
    [InlineData(60, null, 1, 60)]
    [InlineData(3_600, null, 6, 600)]
    [InlineData(7 * 86_400, null, 1_020, 593)]
    [InlineData(2 * 3_600, 1, 60, 120)]
    [InlineData(3_600, 90, 120, 30)]
    public async Task The_step_is_rounded_up_to_what_is_stored(int seconds, int? step, int expectedStep, int expectedCount)
    {
        await using HistoryRecorder recorder = Open();

        HistoryRange range = Range(recorder, seconds, step);

        Assert.Equal(expectedStep, range.Step);
        Assert.InRange(range.Count, expectedCount, expectedCount + 1);
    }

    public void Dispose() => _directory.Dispose();

    private string Folder => _directory.Combine("history");

    private static SeriesInfo Info(string name) => new(name, "Title", SeriesInfo.Count, "host", "", "");

    private static HistoryRange Range(HistoryRecorder recorder, int seconds, int? step)
    {
        long to = recorder.Now + 1;
        Assert.True(
            HistoryRange.TryCreate(recorder, (to - seconds) * 1_000, to * 1_000, step, out HistoryRange? range, out string? reason),
            reason);
        return range;
    }

    private SeriesSource Source(string name) => new(Info(name), () => _value);

    private HistoryRecorder Open()
    {
        HistoryRecorder recorder = new(Folder, new HistoryPlan(10), _clock, NullLogger.Instance);
        recorder.Use([Source("a/b")]);
        return recorder;
    }

    // Records 1, 2, 3 and so on. The clock starts at the begin of a minute, and the last value is that of the current second.
    private void Record(HistoryRecorder recorder, int seconds)
    {
        for (int i = 0; i < seconds; i++)
        {
            if (_value > 0)
            {
                _clock.Pass(TimeSpan.FromSeconds(1));
            }

            _value++;
            recorder.Tick();
        }
    }
}
