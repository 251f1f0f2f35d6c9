using System.Globalization;

namespace Estream.Host.Tests.Process;

/// <summary>Samples the memory of a process over time, without mapped files. The memory counts as bounded if it is not larger in the
/// last quarter of the time than in the second quarter.</summary>
internal sealed class FlatMemory(int processId)
{
    // The memory of the garbage collector changes in steps of two megabytes, the size of its youngest generation. Six runs on a busy
    // machine measured between 2.1 MiB less and 24 KiB more. In a run of one minute, 4 MiB are 10 bytes per message with the endpoint
    // alone, and 60 bytes per message with all adapters. A run of ten minutes detects a tenth of such a leak.
    private const long ToleratedGrowthKiB = 4 * 1024;

    private readonly List<long> _samples = [];

    // GCgen0size: two megabytes for the youngest generation, in hexadecimal. By default this generation is as large as the last-level cache
    // of the processor. If the cache has a hundred megabytes, the responses of one minute fit in the generation and look like a leak.
    // MALLOC_ARENA_MAX: one arena of native memory. By default each thread has its own arena (up to sixteen on two cores), which keeps the
    // memory of the largest task of the thread, above all 1.7 MiB for the compiler. In ten minutes the arenas grew to 5 MiB, one by one.
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
