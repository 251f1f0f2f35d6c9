using System.Globalization;

namespace Estream.Host.Tests.Process;

/// <summary>The memory of a process over time, without mapped files. It counts as bounded if the last quarter of the time needs no more
/// than the second.</summary>
internal sealed class FlatMemory(int processId)
{
    // The memory of the garbage collector changes in steps of its youngest generation, two megabytes. Six runs on a busy machine measured
    // between 2.1 MiB less and 24 KiB more. Four MiB are 10 bytes for each message in one minute at the endpoint alone, and 60 with all
    // adapters on the machine; ten minutes detect a tenth of that.
    private const long ToleratedGrowthKiB = 4 * 1024;

    private readonly List<long> _samples = [];

    // Two megabytes for the youngest generation, in hexadecimal. By default it is as large as the last-level cache of the processor. With a
    // cache of a hundred megabytes, the responses of one minute fit in it and look like a leak. One arena of native memory. By default each
    // thread has its own arena, up to sixteen on two cores, and keeps the memory of its largest task (above all 1.7 MiB for the compiler).
    // In ten minutes they grew to 5 MiB, one after the other.
    public static IReadOnlyDictionary<string, string?> Environment { get; } = new Dictionary<string, string?>
    {
        ["DOTNET_GCgen0size"] = "200000",
        ["MALLOC_ARENA_MAX"] = "1",
    };

    public void Sample() => _samples.Add(AnonymousKiB(processId));

    /// <summary>Returns the resident anonymous memory of a process, in KiB.</summary>
    public static long AnonymousKiB(int processId)
    {
        const string Key = "RssAnon:";
        string line = File.ReadLines($"/proc/{processId}/status").Single(l => l.StartsWith(Key, StringComparison.Ordinal));
        return long.Parse(line[Key.Length..].Replace("kB", "", StringComparison.Ordinal).Trim(), CultureInfo.InvariantCulture);
    }

    /// <summary>Fails if the memory has grown.</summary>
    /// <returns>The measurement as text.</returns>
    public string AssertFlat()
    {
        int quarter = _samples.Count / 4;
        long early = Median(_samples.Skip(quarter).Take(quarter));
        long late = Median(_samples.Skip(3 * quarter));
        Assert.True(late - early < ToleratedGrowthKiB, $"the host grew from {early} to {late} KiB: {string.Join(", ", _samples)}");
        return $"{_samples.Count} rounds; {early} KiB in the second quarter, {late} KiB in the last";
    }

    private static long Median(IEnumerable<long> values)
    {
        long[] sorted = [.. values.Order()];
        return sorted[sorted.Length / 2];
    }
}
