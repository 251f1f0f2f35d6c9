using System.Collections.Immutable;
using Estream.Esf.Schema;

namespace Estream.Esf.Generator.Internal;

/// <summary>A schema file as the compiler passes it, with its lock. Compared by path and texts.</summary>
/// <param name="Path">The path.</param>
/// <param name="Text">The content.</param>
/// <param name="Lock">The lock next to the schema file, if any.</param>
/// <param name="Packs">The manifests and files of the project's packs, if the file may import from them; otherwise empty.</param>
internal sealed record SchemaFileInput(string Path, string Text, LockFileInput? Lock, EquatableList<PackFileInput> Packs)
{
    private bool MayImport => Text.Contains("imports");

    public static bool IsSchemaFile(string path) => SchemaLock.PathFor(path) is not null;

    /// <summary>Returns the file with its lock, if one of the locks is next to the file.</summary>
    public SchemaFileInput With(EquatableList<LockFileInput> locks)
    {
        string? path = SchemaLock.PathFor(Path);
        return this with
        {
            Lock = locks.FirstOrDefault(candidate => string.Equals(candidate.Path, path, StringComparison.OrdinalIgnoreCase)),
        };
    }

    /// <summary>Returns the file with the packs if it may import from them. Other files are not recompiled when a pack changes.</summary>
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
/// <param name="FullName">The namespace and name in C#.</param>
/// <param name="Source">The source text.</param>
/// <param name="Path">The schema file.</param>
/// <param name="Line">The line of the definition in the schema file, from 1.</param>
/// <param name="Column">The column of the definition, from 1.</param>
internal sealed record GeneratedType(string FullName, string Source, string Path, int Line, int Column);

/// <summary>The result of compiling one schema file: types, or the errors in it. Compared by value, so that an unchanged result stops all
/// later steps.</summary>
internal sealed record CompiledFile(string Path, EquatableList<GeneratedType> Types, EquatableList<DiagnosticInfo> Diagnostics)
{
    /// <summary>The part of the result that is needed to find name conflicts with other files.</summary>
    public FileSignature Signature =>
        new(Path, new EquatableList<TypeSignature>(Types.Select(t => new TypeSignature(t.FullName, t.Source))));
}

/// <summary>The types that a file defines.</summary>
internal sealed record FileSignature(string Path, EquatableList<TypeSignature> Types);

/// <summary>The name and content of a type.</summary>
internal sealed record TypeSignature(string FullName, string Source);

/// <summary>The manifest of a pack, or a schema file that may belong to a pack. Compared by path and text.</summary>
internal sealed record PackFileInput(string Path, string Text)
{
    public static bool IsOne(string path) => PackManifest.IsManifest(path) || SchemaFileInput.IsSchemaFile(path);

    /// <summary>Returns the files that are relevant for imports: none if there is no manifest.</summary>
    public static EquatableList<PackFileInput> OfPacks(ImmutableArray<PackFileInput> files) =>
        files.Any(file => PackManifest.IsManifest(file.Path))
            ? new EquatableList<PackFileInput>(files)
            : EquatableList<PackFileInput>.Empty;

    /// <summary>Returns the errors in the manifests, and conflicts between packs.</summary>
    public static EquatableList<DiagnosticInfo> ErrorsOf(EquatableList<PackFileInput> packs) => packs.Count == 0
        ? EquatableList<DiagnosticInfo>.Empty
        : new EquatableList<DiagnosticInfo>(
            SchemaComposer.Read(packs.Select(file => file.ToSource())).ManifestDiagnostics.Select(DiagnosticInfo.Of));

    public SchemaSource ToSource() => new(Path, Text);
}

/// <summary>A lock as the compiler passes it. Compared by path and text.</summary>
internal sealed record LockFileInput(string Path, string Text)
{
    /// <summary>The error message for a lock without a schema file next to it.</summary>
    public string Complaint =>
        $"This lock has no schema file next to it, so its published versions are not checked. If the schema file was renamed, rename "
        + $"'{System.IO.Path.GetFileName(Path)}' too. If it was deleted, delete the lock.";

    public static bool IsLock(string path) => path.EndsWith(SchemaLock.Extension, StringComparison.OrdinalIgnoreCase);

    /// <summary>Returns the locks without a schema file of the project next to them.</summary>
    public static EquatableList<LockFileInput> WithoutSchemaFile(EquatableList<LockFileInput> locks, ImmutableArray<string> schemaFiles)
    {
        HashSet<string> expected = new(schemaFiles.Select(path => SchemaLock.PathFor(path)!), StringComparer.OrdinalIgnoreCase);
        return new EquatableList<LockFileInput>(locks.Where(found => !expected.Contains(found.Path)));
    }
}
