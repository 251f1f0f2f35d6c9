using Estream.Core;
using Microsoft.Win32.SafeHandles;

namespace Estream.Host.Runtime;

/// <summary>The settings of the history.</summary>
/// <param name="MaxSeries">The maximum number of series.</param>
internal sealed record HistoryPlan(int MaxSeries)
{
    public const int MostSeries = 500;
}

/// <summary>
/// Records one value a second of each series: the last hour in memory, and its minutes of the last week in files. The recorder
/// writes the files once a minute, so a crash loses at most one minute. One thread calls <see cref="Use"/> and <see cref="Tick"/>; the
/// other members are thread-safe. A call of <see cref="Tick"/> allocates nothing, except once a minute.
/// </summary>
internal sealed class HistoryRecorder : IAsyncDisposable
{
    private const long NanosPerSecond = 1_000_000_000;
    private const int LastOfMinute = HistoryFile.BlockSeconds - 1;

    // A late tick stands for the seconds since the previous one.
    private const int MaxFilledSeconds = 5;

    private readonly Lock _lock = new();
    private readonly Lock _writing = new();
    private readonly HistoryFolder _folder;
    private readonly int _maxSeries;
    private readonly IClock _clock;
    private readonly Dictionary<string, HistorySeries> _series = new(StringComparer.Ordinal);
    private readonly HistoryWindow _window = new();
    private readonly List<SeriesInfo> _deleted = [];
    private LiveSeries[] _live = [];
    private Task _flush = Task.CompletedTask;
    private long _second;
    private long _nanos;

    /// <summary>Reads the last hour from the files.</summary>
    /// <param name="directory">The folder of the files.</param>
    /// <param name="plan">The settings.</param>
    /// <param name="clock">The clock.</param>
    /// <param name="logger">Logs files that cannot be read or written.</param>
    public HistoryRecorder(string directory, HistoryPlan plan, IClock clock, ILogger logger)
    {
        (_folder, _maxSeries, _clock) = (new HistoryFolder(directory, logger), plan.MaxSeries, clock);
        long now = clock.UtcNanos / NanosPerSecond / HistoryFile.BlockSeconds;
        long first = Math.Max(0, now - HistoryFile.BlockCount + 1);
        foreach (HistorySeries series in _folder.Load(_maxSeries, first, now))
        {
            _series.Add(series.Info.Name, series);
        }

        for (long minute = first; minute <= now; minute++)
        {
            _ = _window.Begin(minute);
        }
    }

    /// <summary>The current time in seconds since the Unix epoch.</summary>
    public long Now => _clock.UtcNanos / NanosPerSecond;

    /// <summary>Sets the series to record, the most important first. Series beyond the maximum are not recorded. The values of the other
    /// series stay until a new series needs their place.</summary>
    public void Use(IReadOnlyList<SeriesSource> sources)
    {
        Dictionary<string, double> totals = _live.ToDictionary(live => live.Series.Info.Name, live => live.Total, StringComparer.Ordinal);
        SeriesSource[] used = [.. sources.DistinctBy(source => source.Info.Name, StringComparer.Ordinal).Take(_maxSeries)];
        lock (_lock)
        {
            HashSet<string> names = [.. used.Select(source => source.Info.Name)];
            MakeRoom(names);
            _live =
            [
                .. used.Select(source => new LiveSeries(Of(source.Info), source)
                {
                    Total = totals.GetValueOrDefault(source.Info.Name, double.NaN),
                }),
            ];
        }
    }

    /// <summary>Records the values of the current second.</summary>
    /// <returns>False if the second has values already.</returns>
    public bool Tick()
    {
        (long second, long nanos) = (Now, _clock.MonotonicNanos);
        if (second == _second)
        {
            return false;
        }

        double elapsed = (double)(nanos - _nanos) / NanosPerSecond;
        foreach (LiveSeries live in _live)
        {
            live.Sample(elapsed);
        }

        bool isDue;
        lock (_lock)
        {
            isDue = Record(second > _second && second - _second <= MaxFilledSeconds ? _second + 1 : second, second);
        }

        _nanos = nanos;
        if (isDue && _flush.IsCompleted)
        {
            _flush = Task.Run(Flush);
        }

        return true;
    }

    /// <summary>Returns the newest value of a series.</summary>
    /// <returns>False if there is no such series, or it has no value of the last seconds.</returns>
    public bool TryGetLast(string name, out double value)
    {
        lock (_lock)
        {
            bool isFound = _series.TryGetValue(name, out HistorySeries? series) && series.LastSecond >= _second - 1
                && series.LastSecond <= _second && !float.IsNaN(series.Last);
            value = isFound ? series!.Last : double.NaN;
            return isFound;
        }
    }

    /// <summary>The series with values of the last week, by name.</summary>
    public SeriesInfo[] List()
    {
        long oldest = Now - (HistoryFile.RecordCount * HistoryFile.BlockSeconds);
        lock (_lock)
        {
            return
            [
                .. _series.Values.Where(series => series.NewestSecond > oldest || Array.Exists(_live, live => live.Series == series))
                    .Select(series => series.Info).OrderBy(info => info.Name, StringComparer.Ordinal),
            ];
        }
    }

    /// <summary>Whether there are values of each second from a time on.</summary>
    /// <param name="second">Seconds since the Unix epoch.</param>
    public bool HasSeconds(long second) => (second / HistoryFile.BlockSeconds) > (Now / HistoryFile.BlockSeconds) - HistoryFile.BlockCount;

    /// <summary>Reads the values of a series.</summary>
    /// <param name="name">The series.</param>
    /// <param name="range">The times, and the step. Steps of less than a minute need <see cref="HasSeconds"/>.</param>
    /// <returns>One value for each step; empty if there is no such series.</returns>
    public SeriesPoint[] Read(string name, HistoryRange range)
    {
        HistorySeries? series;
        SeriesPoint[] points = new SeriesPoint[range.Count];
        lock (_lock)
        {
            if (!_series.TryGetValue(name, out series))
            {
                return [];
            }

            if (range.Step % HistoryFile.BlockSeconds != 0)
            {
                ReadSeconds(series, range, points);
                return points;
            }
        }

        ReadMinutes(series, range, points);
        return points;
    }

    /// <summary>Writes the complete minutes that are not in the files yet.</summary>
    public void Flush()
    {
        lock (_writing)
        {
            List<long> minutes;
            HistorySeries[] all;
            SeriesInfo[] deleted;
            lock (_lock)
            {
                minutes = _window.TakeUnwritten();
                (all, deleted) = ([.. _series.Values], [.. _deleted]);
                _deleted.Clear();
            }

            Exception? failure = null;
            foreach (SeriesInfo info in deleted)
            {
                failure = Try(() => _folder.Delete(info)) ?? failure;
            }

            foreach (HistorySeries series in all)
            {
                failure = Try(() => Write(series, minutes)) ?? failure;
            }

            if (failure is not null)
            {
                lock (_lock)
                {
                    minutes.ForEach(_window.MarkUnwritten);
                }
            }

            _folder.Report(failure);
        }
    }

    /// <summary>Writes all values. No call of <see cref="Tick"/> may follow.</summary>
    public async ValueTask DisposeAsync()
    {
        await _flush.ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
        lock (_lock)
        {
            _window.MarkUnwritten(_second / HistoryFile.BlockSeconds);
        }

        Flush();
    }

    private static Exception? Try(Action action)
    {
        try
        {
            action();
            return null;
        }
        catch (Exception failure) when (failure is IOException or UnauthorizedAccessException)
        {
            return failure;
        }
    }

    // The last second of a minute completes it. If the tick of that second is late, the next minute does.
    private bool Record(long first, long last)
    {
        bool isDue = false;
        for (long second = first; second <= last; second++)
        {
            long minute = second / HistoryFile.BlockSeconds;
            if (_second > 0 && minute != _second / HistoryFile.BlockSeconds && _second % HistoryFile.BlockSeconds != LastOfMinute)
            {
                _window.MarkUnwritten(_second / HistoryFile.BlockSeconds);
                isDue = true;
            }

            if (_window.Begin(minute))
            {
                foreach (HistorySeries series in _series.Values)
                {
                    series.Minute(minute).Fill(float.NaN);
                }
            }

            foreach (LiveSeries live in _live)
            {
                live.Series.Set(second, live.Value);
            }

            if (second % HistoryFile.BlockSeconds == LastOfMinute)
            {
                _window.MarkUnwritten(minute);
                isDue = true;
            }

            _second = second;
        }

        return isDue;
    }

    private void MakeRoom(HashSet<string> names)
    {
        int missing = names.Count(name => !_series.ContainsKey(name));
        HistorySeries[] unused =
            [.. _series.Values.Where(series => !names.Contains(series.Info.Name)).OrderBy(series => series.NewestSecond)];
        foreach (HistorySeries series in unused.Take(Math.Max(0, _series.Count + missing - _maxSeries)))
        {
            _series.Remove(series.Info.Name);
            _deleted.Add(series.Info);
        }
    }

    private HistorySeries Of(SeriesInfo info)
    {
        if (!_series.TryGetValue(info.Name, out HistorySeries? series))
        {
            series = new HistorySeries(info);
            _series.Add(info.Name, series);
            _deleted.RemoveAll(deleted => deleted.Name == info.Name);
        }

        return series;
    }

    private void Write(HistorySeries series, List<long> minutes)
    {
        Span<float> seconds = stackalloc float[HistoryFile.BlockSeconds];
        SafeFileHandle? file = null;
        try
        {
            foreach (long minute in minutes)
            {
                lock (_lock)
                {
                    if (!_window.Has(minute))
                    {
                        continue;
                    }

                    series.Minute(minute).CopyTo(seconds);
                }

                if (SeriesPoint.Of(seconds).Count > 0)
                {
                    file ??= _folder.OpenToWrite(series.Info);
                    if (file is null)
                    {
                        return;
                    }

                    HistoryFile.Write(file, minute, seconds);
                }
            }
        }
        finally
        {
            file?.Dispose();
        }
    }

    private void ReadSeconds(HistorySeries series, HistoryRange range, SeriesPoint[] points)
    {
        for (int i = 0; i < points.Length; i++)
        {
            for (long second = range.From + ((long)i * range.Step), end = second + range.Step; second < end;)
            {
                (long minute, int offset) = (second / HistoryFile.BlockSeconds, (int)(second % HistoryFile.BlockSeconds));
                int count = (int)Math.Min(HistoryFile.BlockSeconds - offset, end - second);
                if (_window.Has(minute))
                {
                    points[i] = points[i].With(SeriesPoint.Of(series.Minute(minute).Slice(offset, count)));
                }

                second += count;
            }
        }
    }

    private void ReadMinutes(HistorySeries series, HistoryRange range, SeriesPoint[] points)
    {
        long now = Now / HistoryFile.BlockSeconds;
        long first = Math.Max(range.From / HistoryFile.BlockSeconds, now - HistoryFile.RecordCount + 1);
        long last = Math.Min((range.To / HistoryFile.BlockSeconds) - 1, now);
        if (last < first)
        {
            return;
        }

        SeriesPoint[] minutes = new SeriesPoint[last - first + 1];
        _folder.ReadMinutes(series.Info, first, minutes);
        lock (_lock)
        {
            for (int i = 0; i < minutes.Length; i++)
            {
                if (_window.Has(first + i) && SeriesPoint.Of(series.Minute(first + i)) is { Count: > 0 } newest)
                {
                    minutes[i] = newest;
                }
            }
        }

        for (int i = 0; i < minutes.Length; i++)
        {
            long step = (((first + i) * HistoryFile.BlockSeconds) - range.From) / range.Step;
            points[step] = points[step].With(minutes[i]);
        }
    }

    /// <summary>A series that is recorded.</summary>
    private sealed class LiveSeries(HistorySeries series, SeriesSource source)
    {
        public HistorySeries Series => series;

        /// <summary>The total at the last sample; not a number before the first.</summary>
        public double Total { get; set; }

        /// <summary>The value of the last sample.</summary>
        public float Value { get; private set; }

        public void Sample(double elapsedSeconds)
        {
            double read;
            try
            {
                read = source.Read();
            }
            catch (Exception)
            {
                // The part is closing, or an adapter of a third party throws. A gap shows it; the overview logs it.
                read = double.NaN;
            }

            // A total that is less than before has begun again, as after the restart of an adapter.
            float value = (float)(source.IsTotal ? Math.Max(0, (read - Total) / elapsedSeconds) : read);
            (Value, Total) = (float.IsFinite(value) ? value : float.NaN, read);
        }
    }
}
