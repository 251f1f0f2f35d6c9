using System.Reflection;
using System.Text.RegularExpressions;
using Estream.Tidy.Sources;
using Microsoft.CodeAnalysis;
using Microsoft.CodeAnalysis.CSharp;
using Microsoft.CodeAnalysis.Emit;

namespace Estream.Tidy.Rules;

/// <summary>
/// Checks that a program of a document prints what its comments say: after each <c>Console.WriteLine(…);</c> a comment gives the printed
/// line, with <c>…</c> for omitted text, and with commas between the lines of a loop.
/// </summary>
internal sealed partial class DocumentOutput(DocumentCode compiler)
{
    // Replaces the framework's Console, which all tests of a process share: a program finds this class first.
    private const string Recorder = """
        internal static class Console
        {
            internal static readonly System.Collections.Generic.List<string> Lines = [];

            internal static void WriteLine(object? value) => Lines.Add(System.Convert.ToString(value, System.Globalization.CultureInfo.InvariantCulture) ?? "");
        }
        """;

    public IEnumerable<Violation> Check(IEnumerable<SourceFile> pages) =>
        pages.SelectMany(CodeBlock.In).Where(block => block.Excuse is null && block.Given is null).SelectMany(CheckBlock);

    private IEnumerable<Violation> CheckBlock(CodeBlock block)
    {
        string expected = string.Join(", ", PrintedLine().Matches(block.Code).Select(match => match.Groups[1].Value.Trim()));
        if (expected.Length == 0)
        {
            return [new Violation(block.Page.Path, block.Line,
                "no comment of this program states its output: add one after a Console.WriteLine")];
        }

        string actual = Run(block);
        string pattern = $"^{Regex.Escape(expected).Replace("…", ".*", StringComparison.Ordinal)}$";
        return Regex.IsMatch(actual, pattern, RegexOptions.Singleline)
            ? []
            : [new Violation(block.Page.Path, block.Line, $"this program prints '{actual}', but its comments say '{expected}'")];
    }

    private string Run(CodeBlock block)
    {
        using MemoryStream image = new();
        EmitResult result = compiler.Compile(block, Recorder, out _).Emit(image);
        if (!result.Success)
        {
            return result.Diagnostics.First(diagnostic => diagnostic.Severity == DiagnosticSeverity.Error).ToString();
        }

        Assembly program = Assembly.Load(image.ToArray());
        try
        {
            program.EntryPoint!.Invoke(null, [Array.Empty<string>()]);
        }
        catch (TargetInvocationException e)
        {
            return e.InnerException!.Message;
        }

        FieldInfo lines = program.GetType("Console")!.GetField("Lines", BindingFlags.Static | BindingFlags.NonPublic)!;
        return string.Join(", ", (List<string>)lines.GetValue(null)!);
    }

    [GeneratedRegex(@"Console\.WriteLine\(.*\);[ ]*//(.+)")]
    private static partial Regex PrintedLine();
}
