using Estream.Tidy.Sources;
using Microsoft.CodeAnalysis;
using Microsoft.CodeAnalysis.CSharp;
using Microsoft.CodeAnalysis.CSharp.Syntax;

namespace Estream.Tidy.Rules;

/// <summary>Compiles every C# block of a document against the product, so that readers get working code.</summary>
internal sealed class DocumentCode(IReadOnlyList<MetadataReference> references)
{
    private const string ImplicitUsings =
        "global using System; global using System.IO; global using System.Linq; global using System.Net.Http; global using "
        + "System.Threading; "
        + "global using System.Threading.Tasks; global using System.Collections.Generic;";

    private static readonly CSharpParseOptions s_parseOptions = new(LanguageVersion.Latest);

    public IEnumerable<Violation> Check(IEnumerable<SourceFile> pages)
    {
        return pages.SelectMany(CodeBlock.In).Where(block => block.Excuse is null).SelectMany(CheckBlock);
    }

    /// <summary>Returns the compilation of a block; its errors have the line numbers of the page.</summary>
    /// <param name="block">The block.</param>
    /// <param name="besides">Code to compile with it.</param>
    /// <param name="tree">The block's own code, whose lines are those of the page.</param>
    public CSharpCompilation Compile(CodeBlock block, string besides, out SyntaxTree tree)
    {
        // Blank lines before the block keep the line numbers of errors equal to those of the page.
        tree = Parse(new string('\n', block.Line) + block.Code);
        if (block.Given is not null)
        {
            tree = Parse(AsMethod(tree.GetCompilationUnitRoot(), block));
        }

        return CSharpCompilation.Create(
            "Document",
            [tree, Parse(ImplicitUsings), Parse(besides)],
            references,
            new CSharpCompilationOptions(
                block.Given is null ? OutputKind.ConsoleApplication : OutputKind.DynamicallyLinkedLibrary,
                nullableContextOptions: NullableContextOptions.Enable));
    }

    private IEnumerable<Violation> CheckBlock(CodeBlock block)
    {
        CSharpCompilation compilation = Compile(block, "", out SyntaxTree tree);
        return from diagnostic in compilation.GetDiagnostics()
               where diagnostic.Severity == DiagnosticSeverity.Error
               let line = diagnostic.Location.SourceTree == tree ? diagnostic.Location.GetLineSpan().StartLinePosition.Line + 1 : block.Line
               select new Violation(block.Page.Path, line, $"this block does not compile: {diagnostic.Id} {diagnostic.GetMessage()}");
    }

    private static string AsMethod(CompilationUnitSyntax unit, CodeBlock block)
    {
        int usingsEnd = unit.Usings.Count == 0 ? 0 : unit.Usings.FullSpan.End;
        string text = unit.ToFullString();
        string head = block.Code.Contains("await ", StringComparison.Ordinal) ? "async Task" : "void";
        return $"{text[..usingsEnd]}static class Fragment {{ static {head} Run({block.Given}) {{ {text[usingsEnd..]}\n}} }}";
    }

    private static SyntaxTree Parse(string code)
    {
        return CSharpSyntaxTree.ParseText(code, s_parseOptions);
    }
}
