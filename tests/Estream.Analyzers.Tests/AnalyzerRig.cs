using System.Collections.Immutable;
using Microsoft.CodeAnalysis;
using Microsoft.CodeAnalysis.CSharp;
using Microsoft.CodeAnalysis.Diagnostics;

namespace Estream.Analyzers.Tests;

/// <summary>Runs the analyzer over the statements of a method, as the compiler does.</summary>
internal static class AnalyzerRig
{
    private static readonly MetadataReference[] s_references =
    [
        .. ((string)AppContext.GetData("TRUSTED_PLATFORM_ASSEMBLIES")!).Split(Path.PathSeparator)
            .Select(path => MetadataReference.CreateFromFile(path)),
    ];

    /// <summary>Returns each report as its rule and the reported code, in the order of the source. The statements must compile.</summary>
    /// <param name="statements">The body of a method with the parameters queue, appender, tailer and ok.</param>
    public static async Task<string[]> RunAsync(string statements)
    {
        string code = $$"""
            using System;
            using Estream.Iot;
            using Estream.Map;
            using Estream.Queue;
            using Estream.Streams;

            internal static class Program
            {
                public static void Run(EstreamQueue queue, QueueAppender appender, QueueTailer tailer, bool ok)
                {
                    {{statements}}
                }

                private static void Use(ReadOnlySpan<byte> bytes)
                {
                }

                private static void End(in AppendClaim claim) => claim.Commit();
            }
            """;
        CSharpCompilation compilation = CSharpCompilation.Create(
            "Checked", [CSharpSyntaxTree.ParseText(code)], s_references, new CSharpCompilationOptions(OutputKind.DynamicallyLinkedLibrary));
        Assert.Empty(compilation.GetDiagnostics().Where(diagnostic => diagnostic.Severity == DiagnosticSeverity.Error));
        ImmutableArray<Diagnostic> found =
            await compilation.WithAnalyzers([new LifetimeAnalyzer()]).GetAnalyzerDiagnosticsAsync().ConfigureAwait(true);
        return [.. found.OrderBy(diagnostic => diagnostic.Location.SourceSpan.Start).Select(Describe)];
    }

    private static string Describe(Diagnostic diagnostic) =>
        $"{diagnostic.Id} {diagnostic.Location.SourceTree!.GetText().ToString(diagnostic.Location.SourceSpan)}";
}
