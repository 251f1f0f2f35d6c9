using System.Globalization;

namespace Estream.Scenarios.Harness;

/// <summary>A process and all its descendants, as Linux lists them in <c>/proc</c>.</summary>
internal static class ProcessTree
{
    /// <summary>Returns the processor time of all living threads of a process and of its descendants, to the nanosecond.</summary>
    public static TimeSpan UsedBy(int root)
    {
        Dictionary<int, int> parents = Parents();
        long nanos = parents.Keys.Where(process => IsBelow(process, root, parents)).Sum(process => NanosOf(process));
        return nanos > 0
            ? TimeSpan.FromTicks(nanos / TimeSpan.NanosecondsPerTick)
            : throw new ScenarioException($"the processor time of process {root} is unknown: it has ended, or /proc has no schedstat");
    }

    private static Dictionary<int, int> Parents()
    {
        Dictionary<int, int> parents = [];
        foreach (string folder in Directory.EnumerateDirectories("/proc"))
        {
            if (int.TryParse(Path.GetFileName(folder), NumberStyles.None, CultureInfo.InvariantCulture, out int process)
                && Read(Path.Combine(folder, "stat")) is { } stat)
            {
                // The name of the program, in parentheses, may contain spaces. The state and the parent follow.
                string[] fields = stat[(stat.LastIndexOf(')') + 2)..].Split(' ');
                parents[process] = int.Parse(fields[1], CultureInfo.InvariantCulture);
            }
        }

        return parents;
    }

    private static bool IsBelow(int process, int root, Dictionary<int, int> parents)
    {
        for (int depth = 0; depth <= parents.Count && process != 0; depth++)
        {
            if (process == root)
            {
                return true;
            }

            process = parents.GetValueOrDefault(process);
        }

        return false;
    }

    private static long NanosOf(int process)
    {
        try
        {
            return Directory.EnumerateDirectories($"/proc/{process}/task")
                .Sum(thread => Read(Path.Combine(thread, "schedstat")) is { Length: > 0 } times
                    ? long.Parse(times.AsSpan(0, times.IndexOf(' ')), CultureInfo.InvariantCulture)
                    : 0);
        }
        catch (IOException)
        {
            // The process has ended.
            return 0;
        }
    }

    // A process or thread may end while its files are read.
    private static string? Read(string file)
    {
        try
        {
            return File.ReadAllText(file);
        }
        catch (IOException)
        {
            return null;
        }
    }
}
