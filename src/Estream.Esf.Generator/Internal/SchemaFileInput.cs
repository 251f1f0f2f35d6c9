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
        return this with { Lock = locks.FirstOrDefault(candidate => string.Equals(candidate.Path, path, StringComparison.OrdinalIgnoreCase)) };
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
    public FileSignature Signature => new(Path, new EquatableList<TypeSignature>(Types.Select(t => new TypeSignature(t.FullName, t.Source))));
}

/// <summary>The types a file defines.</summary>
internal sealed record FileSignature(string Path, EquatableList<TypeSignature> Types);

/// <summary>A type by name and content.</summary>
internal sealed record TypeSignature(string FullName, string Source);
