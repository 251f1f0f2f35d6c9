namespace Estream.Scenarios.Harness;

/// <summary>
/// Why a target is missed, as far as it was found out: lines of bench/missed-targets.txt, <c>SCENARIO CASE IMPLEMENTATION: reason</c>. They
/// outlive the page they are printed on, which every run with <c>--doc</c> writes anew.
/// </summary>
internal sealed class MissedReasons(IReadOnlyDictionary<string, string> reasons)
{
    private const string FileName = "missed-targets.txt";

    /// <summary>The rows that have one, as <c>SCENARIO CASE IMPLEMENTATION</c>.</summary>
    public IEnumerable<string> Rows => reasons.Keys;

    /// <summary>The reasons of the repository; none where the file is missing.</summary>
    public static MissedReasons Read()
    {
        string file = Path.Combine(NativePeers.FindBench(), FileName);
        return Parse(File.Exists(file) ? File.ReadLines(file) : []);
    }

    /// <exception cref="FormatException">A line is neither empty, nor a comment, nor a name with a reason.</exception>
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

    /// <summary>The reason of a row that has to have one.</summary>
    public string For(Row row) => Find(row) ?? $"not found out yet (a line in bench/{FileName} says it here)";

    /// <summary>The reason of a row, where there is one.</summary>
    public string? Find(Row row) => reasons.GetValueOrDefault($"{row.Scenario} {row.Case} {row.Implementation}");
}
