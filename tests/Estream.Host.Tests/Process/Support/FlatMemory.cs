using System.Globalization;

namespace Estream.Host.Tests.Process;

/// <summary>The memory of a process over time, mapped files left out. It is flat where the last quarter of the time needs no more than the
/// second did.</summary>
internal sealed class FlatMemory(int processId)
{
    // What the garbage collector holds moves in steps of its youngest generation, two megabytes. Measured in six runs on a busy machine:
    // from 2.1 MiB less to 24 KiB more. Four MiB are 10 bytes for each message of a minute at the endpoint alone, and 60 where all adapters
    // share the machine; ten minutes find a tenth of that.
    private const long ToleratedGrowthKiB = 4 * 1024;

    private readonly List<long> _samples = [];

    // Of the youngest generation two megabytes, in hexadecimal digits. It is as large as the processor's last cache by default: where that
    // is a hundred megabytes, a minute of answers to operators fits in it, and looks like a leak.
    // Of native memory one arena. By default each thread has its own, up to sixteen on two cores, and keeps what its largest piece of work
    // needed (the compiler's, above all, 1.7 MiB): in ten minutes they came to 5 MiB, one after the other.
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

    /// <summary>Fails where the memory has grown.</summary>
    /// <returns>What was seen, in words.</returns>
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
