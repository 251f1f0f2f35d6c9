using System.Text.RegularExpressions;
using Estream.Tidy.Sources;

namespace Estream.Tidy.Rules;

/// <summary>Words that mark something unfinished, copied from a template, or true on one machine only.</summary>
internal static class BannedText
{
    // The words are concatenated so that this file does not contain the words it looks for.
    private static readonly (Regex Pattern, string Why)[] s_everywhere =
    [
        (Words("TO" + "DO", "FIX" + "ME", "XX" + "X", "HA" + "CK"), "marks unfinished work: finish it, or write an issue"),
        (new Regex(@"\bNot" + @"ImplementedException\b"), "a stub: write the code or leave the member out"),
        (new Regex("(?<![A-Za-z0-9_.$}/-])/(wor" + "k|roo" + "t|home/[a-z]+)/"), "a path of a single machine"),
        (new Regex("aka" + @"\.ms/new-console-template|Hello, Worl" + @"d|\bClass" + @"1\b|Vite \+ Rea" + "ct|Your package descri"
            + "ption"), "left over from a template"),
        (new Regex(@"#nullable disab" + "le"), "nullable analysis is on everywhere"),
    ];

    private static readonly (Regex Pattern, string Why)[] s_lockFiles =
    [
        (
            new Regex("\"resol" + "ved\": *\"(http|git|file)"),
            "lock files must not contain download addresses: set omit-lockfile-registry-resolved=true in .npmrc and install again"),
    ];

    private static readonly string[] s_legalTexts = ["LICENSE", "LICENSE-BSL", "NOTICE"];

    public static IEnumerable<Violation> Check(Repository repository)
    {
        return from file in repository.Files
               where !s_legalTexts.Contains(file.Path)
               let rules = IsLockFile(file) ? s_lockFiles : s_everywhere
               from rule in rules
               from numbered in file.Lines.Select((text, index) => (text, line: index + 1))
               where rule.Pattern.IsMatch(numbered.text)
               select new Violation(file.Path, numbered.line, $"'{rule.Pattern.Match(numbered.text).Value}' {rule.Why}");
    }

    private static bool IsLockFile(SourceFile file)
    {
        return file.Name is "packages.lock.json" or "package-lock.json";
    }

    private static Regex Words(params string[] words)
    {
        return new Regex($@"\b({string.Join('|', words)})\b");
    }
}
