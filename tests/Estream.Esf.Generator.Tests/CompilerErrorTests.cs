using System.Reflection;
using Estream.Esf.Tests.Golden;
using Microsoft.CodeAnalysis;

namespace Estream.Esf.Generator.Tests;

/// <summary>
/// The errors that only the compiler can find, with their messages. In the golden file, <c>---</c> names a file of the project and
/// <c>+++</c> is its visibility setting. Errors inside one file or lock have separate golden files.
/// </summary>
public sealed class CompilerErrorTests
{
    private const string FileMark = "--- ";
    private const string VisibilityMark = "+++ ";

    private static readonly string s_path = GoldenFile.PathOf("Golden", "compiler-errors.txt");

    [Fact]
    public void Every_compiler_error_has_its_message() => GoldenCases.AssertSame(s_path, (_, input) => ErrorsOf(input));

    [Fact]
    public void Every_compiler_code_has_a_golden_case()
    {
        IEnumerable<string> codes = typeof(EsfGenerator).Assembly.GetType("Estream.Esf.Generator.Internal.Descriptors", throwOnError: true)!
            .GetFields(BindingFlags.Public | BindingFlags.Static)
            .Where(field => field.IsLiteral)
            .Select(field => (string)field.GetRawConstantValue()!);
        Assert.Empty(codes.Except(GoldenCases.Read(s_path).SelectMany(c => ErrorsOf(c.Input)).Select(error => error.Id)));
    }

    private static IEnumerable<Diagnostic> ErrorsOf(string input)
    {
        string? visibility = null;
        List<(string Path, string Text)> files = [];
        foreach (string line in input.Split('\n')[..^1])
        {
            if (line.StartsWith(VisibilityMark, StringComparison.Ordinal))
            {
                visibility = line[VisibilityMark.Length..];
            }
            else if (line.StartsWith(FileMark, StringComparison.Ordinal))
            {
                files.Add((line[FileMark.Length..], ""));
            }
            else
            {
                files[^1] = (files[^1].Path, files[^1].Text + line + "\n");
            }
        }

        return new Harness(visibility, [.. files]).Run().Diagnostics;
    }
}
