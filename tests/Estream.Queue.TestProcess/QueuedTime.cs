using System.Diagnostics;
using System.Globalization;

namespace Estream.Queue.TestProcess;

/// <summary>How long the kernel let this thread wait for a processor although it could have run: what is the machine's doing and not that
/// of who runs on it.</summary>
internal sealed class QueuedTime
{
    private const string Source = "/proc/thread-self/schedstat";

    private long _seen = Read();

    /// <summary>What has come to it since the last call, in ticks of <see cref="Stopwatch"/>; 0 where the kernel does not say.</summary>
    public long Take()
    {
        long now = Read();
        long more = now - _seen;
        _seen = now;
        return more;
    }

    // Three numbers: nanoseconds run, nanoseconds waited while it could have run, times it was run.
    private static long Read()
    {
        string[] fields = File.Exists(Source) ? File.ReadAllText(Source).Split(' ') : [];
        return fields.Length < 2 ? 0 : long.Parse(fields[1], CultureInfo.InvariantCulture) / (1_000_000_000 / Stopwatch.Frequency);
    }
}
