using System.Collections.Immutable;
using Estream.Esf.Schema;

namespace Estream.Esf.Generator.Internal;

/// <summary>A schema file as the compiler hands it over, with the lock beside it; equal when path and texts are.</summary>
/// <param name="Path">The path.</param>
/// <param name="Text">The content.</param>
/// <param name="Lock">The lock beside it.</param>
/// <param name="Packs">Manifests and files of the packs of the project, where the file may import from them; otherwise none.</param>
internal sealed record SchemaFileInput(string Path, string Text, LockFileInput? Lock, EquatableList<PackFileInput> Packs)
{
    private bool MayImport => Text.Contains("imports");

    public static bool IsSchemaFile(string path) => SchemaLock.PathFor(path) is not null;

    /// <summary>The file with that of the locks that lies beside it.</summary>
    public SchemaFileInput With(EquatableList<LockFileInput> locks)
    {
        string? path = SchemaLock.PathFor(Path);
        return this with
        {
            Lock = locks.FirstOrDefault(candidate => string.Equals(candidate.Path, path, StringComparison.OrdinalIgnoreCase)),
        };
    }

    /// <summary>The file with the packs, if it may import from them: others are not compiled anew when a pack changes.</summary>
    public SchemaFileInput With(EquatableList<PackFileInput> packs) => MayImport ? this with { Packs = packs } : this;

    /// <summary>Reads the file.</summary>
    public SchemaReadResult Read()
    {
        SchemaSource own = new(Path, Text);
        return Packs.Count == 0
            ? SchemaReader.Read(Text, Path)
            : SchemaComposer.Read(Packs.Where(file => file.Path != Path).Select(file => file.ToSource()).Append(own)).Files[own];
    }
}

/// <summary>A type generated from a schema file.</summary>
/// <param name="FullName">Namespace and name in C#.</param>
/// <param name="Source">Its source text.</param>
/// <param name="Path">The schema file.</param>
/// <param name="Line">Line of the definition in the schema file, from 1.</param>
/// <param name="Column">Column of the definition, from 1.</param>
internal sealed record GeneratedType(string FullName, string Source, string Path, int Line, int Column);

/// <summary>What one schema file gave: types, or the mistakes that prevent them. Compared by value, so that an unchanged result stops all
/// later steps.</summary>
internal sealed record CompiledFile(string Path, EquatableList<GeneratedType> Types, EquatableList<DiagnosticInfo> Diagnostics)
{
    /// <summary>What other files need to know of this one to find clashes of names.</summary>
    public FileSignature Signature =>
        new(Path, new EquatableList<TypeSignature>(Types.Select(t => new TypeSignature(t.FullName, t.Source))));
}

/// <summary>The types a file defines.</summary>
internal sealed record FileSignature(string Path, EquatableList<TypeSignature> Types);

/// <summary>A type by name and content.</summary>
internal sealed record TypeSignature(string FullName, string Source);

/// <summary>The manifest of a pack, or a schema file that may be one of a pack; equal when path and text are.</summary>
internal sealed record PackFileInput(string Path, string Text)
{
    public static bool IsOne(string path) => PackManifest.IsManifest(path) || SchemaFileInput.IsSchemaFile(path);

    /// <summary>The files that matter to imports: none where there is no manifest.</summary>
    public static EquatableList<PackFileInput> OfPacks(ImmutableArray<PackFileInput> files) =>
        files.Any(file => PackManifest.IsManifest(file.Path))
            ? new EquatableList<PackFileInput>(files)
            : EquatableList<PackFileInput>.Empty;

    /// <summary>What is wrong with the manifests, and of packs that do not fit together.</summary>
    public static EquatableList<DiagnosticInfo> ErrorsOf(EquatableList<PackFileInput> packs) => packs.Count == 0
        ? EquatableList<DiagnosticInfo>.Empty
        : new EquatableList<DiagnosticInfo>(
            SchemaComposer.Read(packs.Select(file => file.ToSource())).ManifestDiagnostics.Select(DiagnosticInfo.Of));

    public SchemaSource ToSource() => new(Path, Text);
}

/// <summary>A lock as the compiler hands it over; equal when path and text are.</summary>
internal sealed record LockFileInput(string Path, string Text)
{
    /// <summary>What is wrong with a lock that no schema file lies beside.</summary>
    public string Complaint =>
        $"no schema file lies beside this lock, so nothing checks what was published: when the schema file was renamed, rename "
        + $"'{System.IO.Path.GetFileName(Path)}' with it; when it was given up, delete the lock";

    public static bool IsLock(string path) => path.EndsWith(SchemaLock.Extension, StringComparison.OrdinalIgnoreCase);

    /// <summary>The locks that no schema file of the project lies beside.</summary>
    public static EquatableList<LockFileInput> WithoutSchemaFile(EquatableList<LockFileInput> locks, ImmutableArray<string> schemaFiles)
    {
        HashSet<string> expected = new(schemaFiles.Select(path => SchemaLock.PathFor(path)!), StringComparer.OrdinalIgnoreCase);
        return new EquatableList<LockFileInput>(locks.Where(found => !expected.Contains(found.Path)));
    }
}
