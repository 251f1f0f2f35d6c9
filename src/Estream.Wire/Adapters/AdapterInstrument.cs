using System.Collections.Concurrent;
using System.Diagnostics.Metrics;

namespace Estream.Wire;

/// <summary>An instrument that adapters share. Created once per process; adapters add and remove their sources.</summary>
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

    /// <summary>Returns the instrument of this name and kind. The first call sets its unit and description.</summary>
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

    /// <summary>Removes a source. After this method returns, the source is not called.</summary>
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
            // An adapter of a third party may throw any exception; the values of other adapters are still reported.
            all.RemoveRange(before, all.Count - before);
        }
    }
}
