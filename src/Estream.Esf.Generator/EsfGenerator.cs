using Estream.Esf.Generator.Internal;
using Microsoft.CodeAnalysis;
using Microsoft.CodeAnalysis.Diagnostics;

namespace Estream.Esf.Generator;

/// <summary>
/// Compiles every <c>*.esf.yaml</c> among the additional files of a project to a view and a writer per schema and a C# enum per enum. An
/// error in a schema is a compilation error at its line of the schema file. A change that is incompatible with the published versions in
/// the <c>*.esf.lock</c> next to the file is a compilation error too.
/// </summary>
/// <remarks>
/// Each file is compiled separately and only if its text changes; any other edit costs a comparison of strings. The property
/// <c>EsfVisibility</c> (<c>internal</c>, the default, or <c>public</c>) determines the visibility of the types.
/// </remarks>
[Generator(LanguageNames.CSharp)]
public sealed class EsfGenerator : IIncrementalGenerator
{
    /// <summary>The name of the step that produces the compiled files, for tests of incrementality.</summary>
    public const string CompiledStep = "EsfCompiled";

    /// <inheritdoc/>
    public void Initialize(IncrementalGeneratorInitializationContext context)
    {
        IncrementalValueProvider<string> visibility = context.AnalyzerConfigOptionsProvider.Select(
            (options, _) => options.GlobalOptions.TryGetValue("build_property.EsfVisibility", out string? value) ? value.Trim() : "");

        IncrementalValueProvider<EquatableList<LockFileInput>> locks = context.AdditionalTextsProvider
            .Where(text => LockFileInput.IsLock(text.Path))
            .Select((text, cancel) => new LockFileInput(text.Path, text.GetText(cancel)?.ToString() ?? ""))
            .Collect()
            .Select((all, _) => new EquatableList<LockFileInput>(all));

        IncrementalValueProvider<EquatableList<PackFileInput>> packs = context.AdditionalTextsProvider
            .Where(text => PackFileInput.IsOne(text.Path))
            .Select((text, cancel) => new PackFileInput(text.Path, text.GetText(cancel)?.ToString() ?? ""))
            .Collect()
            .Select((all, _) => PackFileInput.OfPacks(all));

        IncrementalValuesProvider<SchemaFileInput> files = context.AdditionalTextsProvider
            .Where(text => SchemaFileInput.IsSchemaFile(text.Path))
            .Combine(context.AnalyzerConfigOptionsProvider)
            .Where(pair => !IsImported(pair.Right.GetOptions(pair.Left)))
            .Select((pair, cancel) =>
                new SchemaFileInput(pair.Left.Path, pair.Left.GetText(cancel)?.ToString() ?? "", null, EquatableList<PackFileInput>.Empty));

        // Each file is combined with its own lock only, so that an edit of another lock does not recompile the file.
        IncrementalValuesProvider<CompiledFile> compiled = files
            .Combine(locks)
            .Select((pair, _) => pair.Left.With(pair.Right))
            .Combine(packs)
            .Select((pair, _) => pair.Left.With(pair.Right))
            .Combine(visibility)
            .Select((pair, cancel) => SchemaFileCompiler.Compile(pair.Left, pair.Right, cancel))
            .WithTrackingName(CompiledStep);

        IncrementalValueProvider<EquatableList<LockFileInput>> orphans = context.AdditionalTextsProvider
            .Where(text => SchemaFileInput.IsSchemaFile(text.Path))
            .Select((text, _) => text.Path)
            .Collect()
            .Combine(locks)
            .Select((pair, _) => LockFileInput.WithoutSchemaFile(pair.Right, pair.Left));

        IncrementalValueProvider<EquatableList<Clash>> clashes = compiled
            .Select((file, _) => file.Signature)
            .Collect()
            .Select((signatures, _) => Clash.FindAll(signatures));

        context.RegisterSourceOutput(compiled.Combine(clashes), (output, pair) => Produce(output, pair.Left, pair.Right));
        context.RegisterSourceOutput(orphans, ReportOrphans);
        context.RegisterSourceOutput(visibility, ReportVisibility);
        context.RegisterSourceOutput(packs.Select((all, _) => PackFileInput.ErrorsOf(all)), ReportAll);
    }

    /// <summary>Whether the project lists a file only for imports, because its types are generated elsewhere or not at all.</summary>
    private static bool IsImported(AnalyzerConfigOptions options) =>
        options.TryGetValue("build_metadata.AdditionalFiles.EsfImport", out string? value) && value.Trim() == "true";

    private static void Produce(SourceProductionContext output, CompiledFile file, EquatableList<Clash> clashes)
    {
        ReportAll(output, file.Diagnostics);
        foreach (GeneratedType type in file.Types)
        {
            Clash? clash = clashes.FirstOrDefault(c => c.LoserPath == file.Path && c.TypeName == type.FullName);
            if (clash is null)
            {
                output.AddSource(type.FullName + ".g.cs", type.Source);
            }
            else if (!clash.IsSame)
            {
                output.ReportDiagnostic(clash.ToDiagnostic(type));
            }
        }
    }

    private static void ReportAll(SourceProductionContext output, EquatableList<DiagnosticInfo> diagnostics)
    {
        foreach (DiagnosticInfo diagnostic in diagnostics)
        {
            output.ReportDiagnostic(diagnostic.ToDiagnostic());
        }
    }

    private static void ReportOrphans(SourceProductionContext output, EquatableList<LockFileInput> orphans)
    {
        foreach (LockFileInput orphan in orphans)
        {
            output.ReportDiagnostic(
                Diagnostic.Create(Descriptors.OrphanLock, DiagnosticInfo.LocationOf(orphan.Path, 1, 1), orphan.Complaint));
        }
    }

    private static void ReportVisibility(SourceProductionContext output, string visibility)
    {
        if (!SchemaFileCompiler.IsVisibility(visibility))
        {
            output.ReportDiagnostic(Diagnostic.Create(Descriptors.Visibility, Location.None, visibility));
        }
    }
}
