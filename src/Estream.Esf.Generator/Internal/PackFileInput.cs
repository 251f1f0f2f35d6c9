using System.Collections.Immutable;
using Estream.Esf.Schema;

namespace Estream.Esf.Generator.Internal;

/// <summary>The manifest of a pack, or a schema file that may be one of a pack; equal when path and text are.</summary>
internal sealed record PackFileInput(string Path, string Text)
{
    public static bool IsOne(string path) => PackManifest.IsManifest(path) || SchemaFileInput.IsSchemaFile(path);

    /// <summary>The files that matter to imports: none where there is no manifest.</summary>
    public static EquatableList<PackFileInput> OfPacks(ImmutableArray<PackFileInput> files) =>
        files.Any(file => PackManifest.IsManifest(file.Path)) ? new EquatableList<PackFileInput>(files) : EquatableList<PackFileInput>.Empty;

    /// <summary>What is wrong with the manifests, and of packs that do not fit together.</summary>
    public static EquatableList<DiagnosticInfo> MistakesOf(EquatableList<PackFileInput> packs) => packs.Count == 0
        ? EquatableList<DiagnosticInfo>.Empty
        : new EquatableList<DiagnosticInfo>(SchemaComposer.Read(packs.Select(file => file.ToSource())).ManifestDiagnostics.Select(DiagnosticInfo.Of));

    public SchemaSource ToSource() => new(Path, Text);
}
