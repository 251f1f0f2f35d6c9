using System.Text.RegularExpressions;
using Estream.Tidy.Sources;

namespace Estream.Tidy.Rules;

/// <summary>Requires that a page names only tests that exist, as <c>`ClassTests.Method_name`</c>, and only folders and files that exist,
/// as <c>`src/Folder`</c>.</summary>
internal static partial class NamedTests
{
    /// <summary>Returns the named tests that do not exist.</summary>
    public static IEnumerable<Violation> CheckTests(Repository repository, SourceFile page)
    {
        SourceFile[] tests = [.. repository.CSharpFiles.Where(file => file.IsUnder("tests"))];
        return from numbered in page.Lines.Select((text, index) => (text, line: index + 1))
               from Match match in TestName().Matches(numbered.text)
               let type = match.Groups["type"].Value
               let method = match.Groups["method"].Value
               where !tests.Any(file => HasTest(file, type, method))
               select new Violation(page.Path, numbered.line, $"names the test {type}.{method}, which does not exist: name another test, "
                   + "or correct the state of the section");
    }

    /// <summary>Returns the rows of a table with the states <c>works</c>, <c>in part</c> and <c>no</c> that have no proof: a row that works
    /// names a test or links a page, and the other rows give a reason.</summary>
    public static IEnumerable<Violation> CheckProofs(SourceFile page) =>
        from numbered in page.Lines.Select((text, index) => (text, line: index + 1))
        let row = StateRow().Match(numbered.text)
        where row.Success && !HasProof(row.Groups["state"].Value, row.Groups["proof"].Value)
        select new Violation(page.Path, numbered.line, $"says '{row.Groups["state"].Value}' without a test, a page or a reason: name the "
            + "test that proves the section, or say what is missing");

    private static bool HasProof(string state, string proof)
    {
        string reason = PageLink().Replace(TestName().Replace(proof, ""), "").Trim(' ', ',', ';', '.', '`');
        bool namesProof = TestName().IsMatch(proof) || PageLink().IsMatch(proof)
            || proof.TrimStart().StartsWith("as ", StringComparison.Ordinal);
        return state == "works" ? namesProof : reason.Length > 0 || (state == "no" && namesProof);
    }

    /// <summary>Returns the named folders and files that do not exist.</summary>
    public static IEnumerable<Violation> CheckFolders(Repository repository, SourceFile page) =>
        from numbered in page.Lines.Select((text, index) => (text, line: index + 1))
        from Match match in FolderName().Matches(numbered.text)
        let path = match.Groups["path"].Value.TrimEnd('/')
        where !repository.Contains(path)
        select new Violation(page.Path, numbered.line, $"names {path}, which does not exist: remove it");

    private static bool HasTest(SourceFile file, string type, string method) =>
        file.Text.Contains($" {method}(", StringComparison.Ordinal)
        && Regex.IsMatch(file.Text, $@"\bclass {type}\b", RegexOptions.CultureInvariant);

    [GeneratedRegex(@"`(?<type>[A-Z]\w*Tests)\.(?<method>\w+)`", RegexOptions.CultureInvariant)]
    private static partial Regex TestName();

    [GeneratedRegex(@"\A\| [^|]+ \| (?<state>works|in part|no) \|(?<proof>[^|]*)\|", RegexOptions.CultureInvariant)]
    private static partial Regex StateRow();

    [GeneratedRegex(@"\[[^\]]+\]\([^)]+\)", RegexOptions.CultureInvariant)]
    private static partial Regex PageLink();

    [GeneratedRegex(@"`(?<path>(src|native|tests|bench|schemas|circuits|docs)/[^`]*)`", RegexOptions.CultureInvariant)]
    private static partial Regex FolderName();
}
