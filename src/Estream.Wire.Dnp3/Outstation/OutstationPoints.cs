namespace Estream.Wire.Dnp3.Outstation;

/// <summary>An event that waits for its confirmation.</summary>
/// <param name="Measurement">The value with its time.</param>
/// <param name="Class">Its class.</param>
internal sealed record OutstationEvent(Dnp3Measurement Measurement, Dnp3Classes Class)
{
    /// <summary>Whether it is in a response that is not confirmed yet.</summary>
    public bool IsSent { get; set; }
}

/// <summary>The points and events of an outstation. Not thread-safe.</summary>
internal sealed class OutstationPoints(int maxEvents)
{
    private readonly SortedDictionary<(Dnp3PointKind Kind, ushort Index), Dnp3Measurement> _points = [];
    private readonly List<OutstationEvent> _events = [];
    private bool _isOverflown;
    private bool _isReported;

    /// <summary>The points by kind and index.</summary>
    public IEnumerable<Dnp3Measurement> All => _points.Values;

    public IReadOnlyList<OutstationEvent> Events => _events;

    /// <summary>Reads for a response whether events were dropped. Stays until a response has reported it and there is room.</summary>
    public bool ReportOverflow() => _isReported = _isOverflown;

    public bool TryGet(Dnp3PointKind kind, ushort index, out Dnp3Measurement point) => _points.TryGetValue((kind, index), out point);

    /// <summary>Sets a point, and records an event unless the class is none.</summary>
    public void Set(Dnp3Measurement point, Dnp3Classes eventClass)
    {
        _points[(point.Kind, point.Index)] = point with { TimeMs = null, IsEvent = false };
        if (eventClass == Dnp3Classes.None)
        {
            return;
        }

        if (_events.Count == maxEvents)
        {
            _isOverflown = true;
            _events.RemoveAt(Math.Max(0, _events.FindIndex(one => !one.IsSent)));
        }

        _events.Add(new OutstationEvent(point with { IsEvent = true }, eventClass));
    }

    /// <summary>The classes that have events which are not in a response.</summary>
    public Dnp3Classes Waiting()
    {
        Dnp3Classes classes = Dnp3Classes.None;
        foreach (OutstationEvent one in _events)
        {
            classes |= one.IsSent ? Dnp3Classes.None : one.Class;
        }

        return classes;
    }

    /// <summary>Removes confirmed events.</summary>
    public void Remove(IEnumerable<OutstationEvent> confirmed)
    {
        foreach (OutstationEvent one in confirmed)
        {
            _events.Remove(one);
        }

        _isOverflown &= !_isReported || _events.Count == maxEvents;
    }

    /// <summary>Makes events of unconfirmed responses available again.</summary>
    public void Restore() => _events.ForEach(one => one.IsSent = false);
}
