namespace Estream.Scenarios.Harness;

/// <summary>
/// The page faults of the calling thread, as the kernel counts them in <c>/proc/thread-self/stat</c>: the count that
/// <c>getrusage(RUSAGE_THREAD)</c> gives in C.
/// </summary>
internal static class ThreadFaults
{
    private const int MinorField = 7;
    private const int MajorField = 9;

    /// <summary>Since the thread began; null where the kernel keeps no such count.</summary>
    public static long? Count()
    {
        const string Statistics = "/proc/thread-self/stat";
        if (!File.Exists(Statistics))
        {
            return null;
        }

        // The fields behind the name of the program, which may have spaces and stands in brackets.
        string text = File.ReadAllText(Statistics);
        string[] fields = text[(text.LastIndexOf(')') + 2)..].Split(' ');
        return long.Parse(fields[MinorField]) + long.Parse(fields[MajorField]);
    }
}
