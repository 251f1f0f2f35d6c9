namespace Estream.Host.Runtime;

/// <summary>The values of a series, one a second, of the last hour. Not thread-safe: <see cref="HistoryRecorder"/> locks.</summary>
internal sealed class HistorySeries
{
    public const int Capacity = HistoryFile.BlockCount * HistoryFile.BlockSeconds;

    private readonly float[] _values = new float[Capacity];
    private long _writtenSecond;

    public HistorySeries(SeriesInfo info)
    {
        Info = info;
        Array.Fill(_values, float.NaN);
    }

    public SeriesInfo Info { get; }

    /// <summary>The last second with a value, in seconds since the Unix epoch; 0 if there is none.</summary>
    public long LastSecond { get; private set; }

    /// <summary>The value of <see cref="LastSecond"/>.</summary>
    public float Last { get; private set; } = float.NaN;

    public void Set(long second, float value)
    {
        _values[second % Capacity] = value;
        if (!float.IsNaN(value))
        {
            (LastSecond, Last) = (second, value);
        }
    }

    /// <summary>The values of a minute. The caller knows that the ring has this minute.</summary>
    public Span<float> Minute(long minute) =>
        _values.AsSpan((int)(minute % HistoryFile.BlockCount) * HistoryFile.BlockSeconds, HistoryFile.BlockSeconds);

    /// <summary>Takes the values that a file has of a minute.</summary>
    public void Restore(long minute, ReadOnlySpan<float> seconds)
    {
        for (int i = 0; i < seconds.Length; i++)
        {
            Set((minute * HistoryFile.BlockSeconds) + i, seconds[i]);
        }
    }

    /// <summary>The last second with a value, here or in the file.</summary>
    public long NewestSecond => Math.Max(LastSecond, _writtenSecond);

    /// <summary>Notes when the file was written, which may have newer values than this object.</summary>
    public void NoteWritten(long second) => _writtenSecond = second;
}

/// <summary>The minutes that the rings of all series have. Not thread-safe.</summary>
internal sealed class HistoryWindow
{
    private readonly long[] _minutes = new long[HistoryFile.BlockCount];
    private readonly bool[] _isUnwritten = new bool[HistoryFile.BlockCount];

    public HistoryWindow() => Array.Fill(_minutes, -1);

    public bool Has(long minute) => minute >= 0 && _minutes[SlotOf(minute)] == minute;

    /// <summary>Replaces an old minute in the window.</summary>
    /// <returns>False if the window has the minute already. Otherwise the caller clears it in all series.</returns>
    public bool Begin(long minute)
    {
        int slot = SlotOf(minute);
        if (_minutes[slot] == minute)
        {
            return false;
        }

        (_minutes[slot], _isUnwritten[slot]) = (minute, false);
        return true;
    }

    /// <summary>Marks a minute for the next flush.</summary>
    public void MarkUnwritten(long minute)
    {
        if (Has(minute))
        {
            _isUnwritten[SlotOf(minute)] = true;
        }
    }

    /// <summary>Returns the marked minutes, oldest first, and removes the marks.</summary>
    public List<long> TakeUnwritten()
    {
        List<long> minutes = [];
        for (int slot = 0; slot < _minutes.Length; slot++)
        {
            if (_isUnwritten[slot])
            {
                minutes.Add(_minutes[slot]);
                _isUnwritten[slot] = false;
            }
        }

        minutes.Sort();
        return minutes;
    }

    private static int SlotOf(long minute) => (int)(minute % HistoryFile.BlockCount);
}
