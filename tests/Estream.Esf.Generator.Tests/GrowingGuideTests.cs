using Estream.Testing;
using Microsoft.CodeAnalysis;
using Microsoft.CodeAnalysis.CSharp;

namespace Estream.Esf.Generator.Tests;

/// <summary>The guide to growing messages: its schemas and its program compile together.</summary>
public sealed class GrowingGuideTests
{
    [Fact]
    public void Growing_guide_compiles()
    {
        string page = File.ReadAllText(RepositoryRoot.Combine("docs", "guides", "growing.md"));
        Harness harness = new(null, ("rooms.esf.yaml", Block(page, "yaml")));
        IEnumerable<SyntaxTree> trees = harness.Run().GeneratedSources.Select(source => source.SyntaxTree);
        CSharpParseOptions options = new(LanguageVersion.Latest);
        CSharpCompilation program =
            harness.Compilation.WithOptions(harness.Compilation.Options.WithOutputKind(OutputKind.ConsoleApplication))
            .AddSyntaxTrees(trees)
            .AddSyntaxTrees(CSharpSyntaxTree.ParseText("global using System;", options),
                CSharpSyntaxTree.ParseText(Block(page, "csharp"), options));
        Assert.Empty(program.GetDiagnostics().Where(diagnostic => diagnostic.Severity >= DiagnosticSeverity.Warning));
    }

    private static string Block(string page, string language)
    {
        string[] parts = page.Split("```" + language + "\n");
        Assert.Equal(2, parts.Length);
        return parts[1][..parts[1].IndexOf("```", StringComparison.Ordinal)];
    }
}
