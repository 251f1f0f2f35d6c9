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

    [GeneratedRegex(@"`(?<path>(src|native|tests|bench|schemas|circuits|docs)/[^`]*)`", RegexOptions.CultureInvariant)]
    private static partial Regex FolderName();
}
