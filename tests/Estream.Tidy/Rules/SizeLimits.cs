using Estream.Tidy.Sources;
using Microsoft.CodeAnalysis;
using Microsoft.CodeAnalysis.CSharp.Syntax;

namespace Estream.Tidy.Rules;

/// <summary>
/// No file past 600 lines and no function past 70: beyond that, it holds more than one idea. No line of C# past 140 columns. Lines of raw
/// and verbatim strings are data, and may be longer.
/// </summary>
internal static class SizeLimits
{
    public const int MaxFileLines = 600;

    public const int MaxFunctionLines = 70;

    public const int MaxLineColumns = 140;

    // Written by native/rtl/generate.py.
    private const string Generated = "src/Estream.Fpga/CardRegisters.cs";

    private static readonly string[] s_codeExtensions =
        [".cs", ".ts", ".tsx", ".js", ".mjs", ".css", ".sh", ".cpp", ".cc", ".hpp", ".h", ".py", ".sv"];

    private static readonly string[] s_codeWithoutExtension = ["estream", ".ci/run"];

    public static IEnumerable<Violation> Check(Repository repository)
    {
        IEnumerable<Violation> files =
            from file in CodeFiles(repository)
            where file.Lines.Count > MaxFileLines
            select new Violation(file.Path, 0, $"{file.Lines.Count} lines, the limit is {MaxFileLines}: split it by role");
        IEnumerable<Violation> functions =
            from function in Functions(repository)
            where function.LineCount > MaxFunctionLines
            select new Violation(function.File.Path, function.Line,
                $"a function of {function.LineCount} lines, the limit is {MaxFunctionLines}");
        IEnumerable<Violation> lines =
            from file in repository.CSharpFiles
            where file.Path != Generated
            from line in LongLines(file)
            select new Violation(file.Path, line,
                $"a line of {file.Lines[line - 1].Length} columns, the limit is {MaxLineColumns}");
        return [.. files, .. functions, .. lines];
    }

    /// <summary>How large the code is, for people to read: the budget is a median of 120 and a 95th percentile of 400 and 40.</summary>
    public static string Report(Repository repository)
    {
        return Summary("files, lines", CodeFiles(repository).Select(file => file.Lines.Count))
            + Environment.NewLine
            + Summary("C# functions, lines", Functions(repository).Select(function => function.LineCount));
    }

    private static IEnumerable<SourceFile> CodeFiles(Repository repository)
    {
        return repository.Files.Where(
            file => s_codeExtensions.Contains(file.Extension) || s_codeWithoutExtension.Contains(file.Path));
    }

    private static IEnumerable<(SourceFile File, int Line, int LineCount)> Functions(Repository repository)
    {
        return from file in repository.CSharpFiles
               from node in file.Syntax.DescendantNodes()
               where node is BaseMethodDeclarationSyntax or AccessorDeclarationSyntax or LocalFunctionStatementSyntax
               let first = FirstLine(node)
               let last = node.GetLocation().GetLineSpan().EndLinePosition.Line + 1
               select (file, first, last - first + 1);
    }

    private static IEnumerable<int> LongLines(SourceFile file)
    {
        int[] found = [.. Enumerable.Range(1, file.Lines.Count).Where(line => file.Lines[line - 1].Length > MaxLineColumns)];
        return found.Length == 0 ? found : found.Except(DataLines(file.Syntax));
    }

    // The lines of raw and verbatim strings.
    private static IEnumerable<int> DataLines(SyntaxNode root)
    {
        return from node in root.DescendantNodes()
               where node is InterpolatedStringExpressionSyntax or LiteralExpressionSyntax
               let text = node.ToString().TrimStart('$')
               where text.StartsWith("\"\"\"", StringComparison.Ordinal) || text.StartsWith('@')
               let span = node.GetLocation().GetLineSpan()
               from line in Enumerable.Range(
                   span.StartLinePosition.Line + 1, span.EndLinePosition.Line - span.StartLinePosition.Line + 1)
               select line;
    }

    // Attributes and comments are not part of the function's length.
    private static int FirstLine(SyntaxNode node)
    {
        SyntaxNodeOrToken first = node.ChildNodesAndTokens()
            .First(child => !child.IsKind(Microsoft.CodeAnalysis.CSharp.SyntaxKind.AttributeList));
        return SourceFile.LineOf(first);
    }

    private static string Summary(string what, IEnumerable<int> lengths)
    {
        int[] sorted = [.. lengths.Order()];
        return sorted.Length == 0
            ? $"{what}: none"
            : $"{what}: count {sorted.Length}, median {At(sorted, 50)}, p95 {At(sorted, 95)}, longest {sorted[^1]}";
    }

    private static int At(int[] sorted, int percent)
    {
        return sorted[(sorted.Length - 1) * percent / 100];
    }
}
