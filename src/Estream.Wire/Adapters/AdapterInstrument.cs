using System.Collections.Concurrent;
using System.Diagnostics.Metrics;

namespace Estream.Wire;

/// <summary>An instrument that adapters share. It is made once in a process and stays; those it asks come and go.</summary>
internal sealed class AdapterInstrument
{
    private static readonly Meter s_meter = new("Estream");
    private static readonly ConcurrentDictionary<(string Name, bool IsCounter), Lazy<AdapterInstrument>> s_all = new();

    private readonly Lock _lock = new();
    private readonly List<Func<IEnumerable<Measurement<long>>>> _sources = [];

    private AdapterInstrument(string name, bool isCounter, string? unit, string description)
    {
        if (isCounter)
        {
            s_meter.CreateObservableCounter<long>(name, Read, unit, description);
        }
        else
        {
            s_meter.CreateObservableGauge<long>(name, Read, unit, description);
        }
    }

    /// <summary>The instrument of this name and kind; unit and description are those of who asked first.</summary>
    public static AdapterInstrument Of(string name, bool isCounter, string? unit, string description) =>
        s_all.GetOrAdd((name, isCounter),
            key => new Lazy<AdapterInstrument>(() => new AdapterInstrument(key.Name, key.IsCounter, unit, description))).Value;

    public void Add(Func<IEnumerable<Measurement<long>>> source)
    {
        lock (_lock)
        {
            _sources.Add(source);
        }
    }

    /// <summary>Once it returns the source is not asked any more, nor being asked.</summary>
    public void Remove(Func<IEnumerable<Measurement<long>>> source)
    {
        lock (_lock)
        {
            _sources.Remove(source);
        }
    }

    private List<Measurement<long>> Read()
    {
        List<Measurement<long>> all = [];
        lock (_lock)
        {
            foreach (Func<IEnumerable<Measurement<long>>> source in _sources)
            {
                Read(source, all);
            }
        }

        return all;
    }

    private static void Read(Func<IEnumerable<Measurement<long>>> source, List<Measurement<long>> all)
    {
        int before = all.Count;
        try
        {
            all.AddRange(source());
        }
        catch (Exception)
        {
            // The code of an adapter may come from anybody, and may throw anything. The other adapters have their values all the same.
            all.RemoveRange(before, all.Count - before);
        }
    }
}
