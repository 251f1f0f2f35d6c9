namespace Estream.Scenarios.Harness;

/// <summary>
/// The known reasons for missed targets: lines of bench/missed-targets.txt, <c>SCENARIO CASE IMPLEMENTATION: reason</c>. Every run with
/// <c>--doc</c> prints them on the page that it writes.
/// </summary>
internal sealed class MissedReasons(IReadOnlyDictionary<string, string> reasons)
{
    private const string FileName = "missed-targets.txt";

    /// <summary>The rows that have a reason, as <c>SCENARIO CASE IMPLEMENTATION</c>.</summary>
    public IEnumerable<string> Rows => reasons.Keys;

    /// <summary>Reads the reasons of the repository; none if the file is missing.</summary>
    public static MissedReasons Read()
    {
        string file = Path.Combine(NativePeers.FindBench(), FileName);
        return Parse(File.Exists(file) ? File.ReadLines(file) : []);
    }

    /// <exception cref="FormatException">A line is neither empty, nor a comment, nor a row with a reason.</exception>
    public static MissedReasons Parse(IEnumerable<string> lines)
    {
        var reasons = new Dictionary<string, string>();
        foreach (string line in lines.Where(l => l.Length > 0 && l[0] != '#'))
        {
            int colon = line.IndexOf(": ", StringComparison.Ordinal);
            if (colon < 0 || line[..colon].Split(' ').Length != 3)
            {
                throw new FormatException($"{FileName}: expected 'SCENARIO CASE IMPLEMENTATION: reason', found '{line}'");
            }

            reasons[line[..colon]] = line[(colon + 2)..];
        }

        return new MissedReasons(reasons);
    }

    /// <summary>The reason of a row, or a hint to add one.</summary>
    public string For(Row row) => Find(row) ?? $"reason unknown (add it to bench/{FileName})";

    /// <summary>The reason of a row, or <see langword="null"/>.</summary>
    public string? Find(Row row) => reasons.GetValueOrDefault($"{row.Scenario} {row.Case} {row.Implementation}");
}
