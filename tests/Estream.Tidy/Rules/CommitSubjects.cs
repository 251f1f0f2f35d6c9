using Estream.Tidy.Sources;

namespace Estream.Tidy.Rules;

/// <summary>Limits a commit subject to 72 characters, so that tools show it whole.</summary>
internal static class CommitSubjects
{
    public const int MaxCharacters = 72;

    /// <summary>The rule applies to commits after this time; older subjects are longer.</summary>
    public const string Since = "2026-11-25T08:00:00Z";

    /// <param name="log">Lines of an abbreviated hash, a tab and a subject.</param>
    public static IEnumerable<Violation> Check(IEnumerable<string> log)
    {
        return from line in log
               let tab = line.IndexOf('\t')
               let characters = line.Length - tab - 1
               where tab >= 0 && characters > MaxCharacters
               select new Violation(
                   line[..tab], 0, $"a subject of {characters} characters, the limit is {MaxCharacters}: move the rest into the body");
    }
}
