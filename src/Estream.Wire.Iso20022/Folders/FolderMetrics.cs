using System.Diagnostics.Metrics;

namespace Estream.Wire.Iso20022.Folders;

/// <summary>The instruments of all folders of the process, on the meter all of Estream shares.</summary>
internal static class FolderMetrics
{
    private static readonly Lock s_lock = new();
    private static readonly List<(string Adapter, FolderWork Work)> s_folders = [];
    private static readonly Meter s_meter = new("Estream");

    static FolderMetrics()
    {
        s_meter.CreateObservableCounter("estream.iso20022.stored", () => Read(work => work.Stored), "{message}", "Messages, and parts of them, that are in their queues.");
        s_meter.CreateObservableCounter("estream.iso20022.refused", () => Read(work => work.Refused), "{file}", "Files that were refused.");
        s_meter.CreateObservableCounter("estream.iso20022.bytes", () => Read(work => work.Bytes), "By", "Bytes of files that were read to their ends.");
        s_meter.CreateObservableGauge("estream.iso20022.held_up", () => Read(work => work.Failure is null ? 0 : 1), null, "1 while a file cannot be read or moved, else 0.");
    }

    /// <summary>Counts a folder as long as it is looked at.</summary>
    public static void Add(string adapter, FolderWork work)
    {
        lock (s_lock)
        {
            s_folders.Add((adapter, work));
        }
    }

    public static void Remove(FolderWork work)
    {
        lock (s_lock)
        {
            s_folders.RemoveAll(one => one.Work == work);
        }
    }

    private static IEnumerable<Measurement<long>> Read(Func<FolderWork, long> value)
    {
        lock (s_lock)
        {
            return [.. s_folders.Select(one => new Measurement<long>(value(one.Work), new KeyValuePair<string, object?>("adapter", one.Adapter)))];
        }
    }
}
