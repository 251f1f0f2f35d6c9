using System.Globalization;
using Estream.Core;

namespace Estream.Cli.Tune;

/// <summary>The list format of the kernel for CPUs: numbers and ranges, such as <c>0-3,8</c>.</summary>
internal static class CpuList
{
    /// <summary>Reads a list.</summary>
    /// <returns>The numbers; empty for an empty text; null if the text is not a list, or has a number above 8,191.</returns>
    public static SortedSet<int>? TryParse(string text)
    {
        SortedSet<int> cpus = [];
        foreach (string part in text.Split(',', StringSplitOptions.RemoveEmptyEntries | StringSplitOptions.TrimEntries))
        {
            int dash = part.IndexOf('-', StringComparison.Ordinal);
            string first = dash < 0 ? part : part[..dash];
            string last = dash < 0 ? part : part[(dash + 1)..];
            if (!IsCpu(first, out int from) || !IsCpu(last, out int to) || to < from)
            {
                return null;
            }

            cpus.UnionWith(Enumerable.Range(from, to - from + 1));
        }

        return cpus;
    }

    /// <summary>Writes a list as the kernel does.</summary>
    public static string Format(IEnumerable<int> cpus)
    {
        List<string> parts = [];
        int[] all = [.. cpus.Order()];
        for (int start = 0, end; start < all.Length; start = end)
        {
            for (end = start + 1; end < all.Length && all[end] == all[end - 1] + 1; end++)
            {
            }

            parts.Add(end - start == 1
                ? all[start].ToString(CultureInfo.InvariantCulture)
                : string.Create(CultureInfo.InvariantCulture, $"{all[start]}-{all[end - 1]}"));
        }

        return string.Join(',', parts);
    }

    private static bool IsCpu(string text, out int cpu) =>
        int.TryParse(text, NumberStyles.None, CultureInfo.InvariantCulture, out cpu) && cpu <= CpuAffinity.MaxCpu;
}
