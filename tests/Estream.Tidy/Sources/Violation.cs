namespace Estream.Tidy.Sources;

/// <summary>One violation of a rule: its location, and what to do about it.</summary>
internal sealed record Violation(string Path, int Line, string Message)
{
    public override string ToString()
    {
        return Line > 0 ? $"{Path}:{Line}: {Message}" : $"{Path}: {Message}";
    }

    /// <summary>Fails the running test with every violation on a separate line.</summary>
    public static void AssertNone(IEnumerable<Violation> violations)
    {
        string[] lines = [.. violations.Select(violation => violation.ToString()).Distinct()];
        if (lines.Length > 0)
        {
            Assert.Fail($"{lines.Length} violation(s):{Environment.NewLine}{string.Join(Environment.NewLine, lines)}");
        }
    }
}
