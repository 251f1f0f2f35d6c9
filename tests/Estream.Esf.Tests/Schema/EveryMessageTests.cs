using System.Reflection;
using System.Text.RegularExpressions;
using Estream.Esf.Schema;
using Estream.Testing;

namespace Estream.Esf.Tests;

/// <summary>
/// Every message about a schema file, a manifest, a lock or a published schema is in a golden file, in each of its wordings. Testing codes
/// only would not be enough, because a code has many messages.
/// </summary>
public sealed partial class EveryMessageTests
{
    private const string Internals = "Estream.Esf.Schema.Internal.";

    // The placeholder for inserted texts: a word that no case contains, with a dot, because some messages split names at a dot.
    private const string AnyText = "zqzq.zqzq";
    private const int AnyNumber = 987_654_321;

    private static readonly Assembly s_assembly = typeof(SchemaReader).Assembly;

    private static readonly Lazy<string[]> s_golden = new(() =>
        [.. SchemaErrorTests.All().Concat(PackErrorTests.All()).Concat(EvolutionErrorTests.All())
            .Select(mistake => HintPattern.Replace(mistake.Message, ""))]);

    /// <summary>Matches the hint with a suggested name. The name depends on the case and does not count as another wording.</summary>
    [GeneratedRegex(@" Did you mean '[^']*'\?")]
    private static partial Regex HintPattern { get; }

    [GeneratedRegex(@"string\(987654321\)|987654321\.0\.0|[zq._]*zqzq[zq._]*")]
    private static partial Regex AnyTextPattern { get; }

    /// <summary>Matches the inserted number. The last digit may differ, because messages show the index of a field plus one.</summary>
    [GeneratedRegex(@"98765432\d")]
    private static partial Regex AnyNumberPattern { get; }

    [GeneratedRegex("\"(?<text>(\\\\.|[^\"\\\\])+)\"")]
    private static partial Regex LiteralPattern { get; }

    [GeneratedRegex(@"\{[^}]*\}")]
    private static partial Regex HolePattern { get; }

    [Theory]
    [InlineData("Messages")]
    [InlineData("PackMessages")]
    [InlineData("EvolutionMessages")]
    public void Every_variant_of_an_error_message_has_a_golden_case(string type)
    {
        MethodInfo[] messages =
        [
            .. s_assembly.GetType(Internals + type, throwOnError: true)!.GetMethods(BindingFlags.Public | BindingFlags.Static)
                .Where(method => method.Name != "Shorten"),
        ];
        Assert.NotEmpty(messages);
        string[] missing = [.. messages.SelectMany(method =>
            Wordings(method).Where(wording => !HasCase(wording)).Select(wording => $"{method.Name}: {wording}"))];
        Assert.True(missing.Length == 0, string.Join('\n', missing));
    }

    /// <summary>Finds the reasons in the source text of the readers, by the call that receives the reason.</summary>
    [Theory]
    [InlineData("CanonicalReader.cs", "throw Wrong(", "expected TEXT")]
    [InlineData("CanonicalReader.cs", "Expect(", "expected 'TEXT'")]
    [InlineData("TomlReader.cs", "Fail(", "Expected TEXT. A manifest")]
    [InlineData("TypeParser.cs", "FailSyntax(", "is not a valid type: TEXT")]
    [InlineData("Yaml/BlockScalar.cs", "Error(", "is not valid YAML: TEXT")]
    [InlineData("Yaml/PlainScalar.cs", "Error(", "is not valid YAML: TEXT")]
    [InlineData("Yaml/QuotedScalar.cs", "Error(", "is not valid YAML: TEXT")]
    [InlineData("Yaml/SourceTreeReader.cs", "Error(", "is not valid YAML: TEXT")]
    [InlineData("Yaml/SourceTreeReader.Flow.cs", "Error(", "is not valid YAML: TEXT")]
    [InlineData("Yaml/YamlText.cs", "Error($", "is not valid YAML: TEXT")]
    [InlineData("PathTemplate.cs", "BadPath(", "TEXT")]
    [InlineData("PathTemplate.cs", "return $", "TEXT")]
    [InlineData("PathTemplate.cs", "? ", "TEXT")]
    public void Every_rejection_reason_of_a_schema_reader_has_a_golden_case(string file, string call, string message)
    {
        string[] reasons =
        [
            .. File.ReadLines(RepositoryRoot.Combine("src", "Estream.Esf.Schema", "Internal", file))
                .Where(line => line.Contains(call, StringComparison.Ordinal))
                .SelectMany(line => LiteralPattern.Matches(line[line.IndexOf(call, StringComparison.Ordinal)..]))
                .Select(match =>
                    message.Replace("TEXT", HolePattern.Replace(Regex.Unescape(match.Groups["text"].Value), AnyText),
                        StringComparison.Ordinal)),
        ];
        Assert.NotEmpty(reasons);
        Assert.DoesNotContain(reasons, reason => !s_golden.Value.Any(Pattern(reason).IsMatch));
    }

    private static bool HasCase(string wording)
    {
        Regex whole = new("^" + Pattern(wording) + "$", RegexOptions.Singleline);
        return s_golden.Value.Any(whole.IsMatch);
    }

    private static Regex Pattern(string wording) => new(
        string.Join(".*",
            AnyTextPattern.Split(HintPattern.Replace(wording, ""))
                .Select(part => string.Join(@"\d+", AnyNumberPattern.Split(part).Select(Regex.Escape)))),
        RegexOptions.Singleline);

    /// <summary>Returns the texts of a message for each kind of argument that may change its wording: true and false, null and not null,
    /// empty and not empty.</summary>
    private static IEnumerable<string> Wordings(MethodInfo message)
    {
        IEnumerable<object?[]> arguments = [[]];
        foreach (ParameterInfo parameter in message.GetParameters())
        {
            object?[] values = [.. Values(parameter)];
            arguments = arguments.SelectMany(before => values.Select(value => (object?[])[.. before, value]));
        }

        return arguments.Select(all => (string)message.Invoke(null, all)!).Distinct();
    }

    private static IEnumerable<object?> Values(ParameterInfo parameter)
    {
        Type type = parameter.ParameterType;
        return type == typeof(string)
            ? (new NullabilityInfoContext().Create(parameter).WriteState == NullabilityState.Nullable ? [AnyText, null] : [AnyText])
            : type == typeof(int) ? [AnyNumber]
            : type == typeof(bool) ? [true, false]
            : type == typeof(SourcePosition) ? [new SourcePosition(AnyNumber, AnyNumber)]
            : type == typeof(EsfType) ? [EsfType.StringOf(AnyNumber)]
            : type == typeof(SemanticVersion)
                ? [SemanticVersion.TryParse(AnyNumber + ".0.0", out SemanticVersion? version, out _) ? version : null]
            : type.IsAssignableFrom(typeof(string[]))
                ? (parameter.Name == "others" ? [new[] { AnyText }, Array.Empty<string>()] : [new[] { AnyText }])
            : [AList(type)];
    }

    /// <summary>Returns a list node. Every golden case of a node of the wrong kind has a list.</summary>
    private static object AList(Type type)
    {
        Type list = s_assembly.GetType(Internals + "ListNode", throwOnError: true)!;
        Assert.True(type.IsAssignableFrom(list), $"a message about a {type}");
        return Activator.CreateInstance(list, new SourcePosition(1, 1), Array.CreateInstance(type, 0))!;
    }
}
