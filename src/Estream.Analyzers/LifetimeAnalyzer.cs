using System.Collections.Immutable;
using Estream.Analyzers.Internal;
using Microsoft.CodeAnalysis;
using Microsoft.CodeAnalysis.Diagnostics;

namespace Estream.Analyzers;

/// <summary>
/// Reports uses of mapped memory after the end of its life, as far as they are certain: a use that follows the end in the same block of a
/// method, or in a block inside it.
/// </summary>
[DiagnosticAnalyzer(LanguageNames.CSharp)]
public sealed class LifetimeAnalyzer : DiagnosticAnalyzer
{
    /// <inheritdoc/>
    public override ImmutableArray<DiagnosticDescriptor> SupportedDiagnostics { get; } =
        ImmutableArray.Create(Rules.UsedAfterDispose, Rules.OpenClaim, Rules.UsedAfterCommit);

    /// <inheritdoc/>
    public override void Initialize(AnalysisContext context)
    {
        context.ConfigureGeneratedCodeAnalysis(GeneratedCodeAnalysisFlags.None);
        context.EnableConcurrentExecution();
        context.RegisterCompilationStartAction(start =>
        {
            // A compilation without the queue has nothing to check.
            if (start.Compilation.GetTypeByMetadataName("Estream.Queue.AppendClaim") is not null)
            {
                start.RegisterCodeBlockAction(block =>
                {
                    foreach (Diagnostic found in new LifetimeCheck(block.CodeBlock, block.SemanticModel).Run())
                    {
                        block.ReportDiagnostic(found);
                    }
                });
            }
        });
    }
}
