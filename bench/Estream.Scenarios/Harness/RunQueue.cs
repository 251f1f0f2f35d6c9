using System.Globalization;

namespace Estream.Scenarios.Harness;

/// <summary>How long the current thread was ready to run but did not: the measure of a noisy machine.</summary>
internal static class RunQueue
{
    private const string Path = "/proc/thread-self/schedstat";

    /// <summary>Nanoseconds since the thread began; 0 where the kernel keeps no such count.</summary>
    public static long WaitedNanos()
    {
        if (!File.Exists(Path))
        {
            return 0;
        }

        string[] fields = File.ReadAllText(Path).Split(' ');
        return long.Parse(fields[1], CultureInfo.InvariantCulture);
    }
}
