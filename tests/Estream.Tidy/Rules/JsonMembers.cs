using System.Text.RegularExpressions;
using Estream.Tidy.Sources;

namespace Estream.Tidy.Rules;

/// <summary>Requires camelCase for the JSON members that programs read from the commands and the host.</summary>
internal static partial class JsonMembers
{
    private static readonly string[] s_writers = ["src/Estream.Cli", "src/Estream.Host"];

    public static IEnumerable<Violation> Check(Repository repository) =>
        from file in repository.CSharpFiles
        where s_writers.Any(file.IsUnder)
        from numbered in file.Lines.Select((text, index) => (text, line: index + 1))
        from Match member in Member().Matches(numbered.text)
        where !CamelCase().IsMatch(member.Groups["name"].Value)
        select new Violation(file.Path, numbered.line,
            $"the member '{member.Groups["name"].Value}' is not camelCase: rename it");

    [GeneratedRegex(
        """\bWrite(Base64String|Boolean|Null|Number|PropertyName|StartArray|StartObject|String)(?!Value)[A-Za-z]*\("(?<name>[^"]*)"u?8?[,)]""")]
    private static partial Regex Member();

    [GeneratedRegex("^[a-z][A-Za-z0-9]*$")]
    private static partial Regex CamelCase();
}
