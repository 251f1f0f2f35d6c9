using Microsoft.CodeAnalysis;
using Microsoft.CodeAnalysis.CSharp;

namespace Estream.Tidy.Sources;

/// <summary>One text file of the repository, with its path relative to the root and forward slashes.</summary>
internal sealed class SourceFile(string path, string text)
{
    private static readonly CSharpParseOptions s_parseOptions = new(LanguageVersion.Latest, DocumentationMode.Parse);

    private readonly Lazy<SyntaxNode> _syntax =
        new(() => CSharpSyntaxTree.ParseText(text, s_parseOptions, path).GetRoot());

    public string Path { get; } = path;

    public string Text { get; } = text;

    public IReadOnlyList<string> Lines { get; } = SplitLines(text);

    public string Name => Path[(Path.LastIndexOf('/') + 1)..];

    public string Folder => Path.Contains('/') ? Path[..Path.LastIndexOf('/')] : "";

    public string Extension => System.IO.Path.GetExtension(Path);

    public bool IsCSharp => Extension == ".cs";

    /// <summary>The parsed tree, for C# files.</summary>
    public SyntaxNode Syntax => _syntax.Value;

    public bool IsUnder(string folder)
    {
        return Path.StartsWith(folder + "/", StringComparison.Ordinal);
    }

    /// <summary>The 1-based line of a node or token.</summary>
    public static int LineOf(SyntaxNodeOrToken item)
    {
        return item.GetLocation()!.GetLineSpan().StartLinePosition.Line + 1;
    }

    private static string[] SplitLines(string text)
    {
        string[] lines = text.Split('\n');
        return lines[^1].Length == 0 ? lines[..^1] : lines;
    }
}
