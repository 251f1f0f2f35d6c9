using System.Collections.Immutable;
using Estream.Esf.Schema;

namespace Estream.Esf.Generator.Internal;

/// <summary>A lock as the compiler hands it over; equal when path and text are.</summary>
internal sealed record LockFileInput(string Path, string Text)
{
    /// <summary>What is wrong with a lock that no schema file lies beside.</summary>
    public string Complaint =>
        $"no schema file lies beside this lock, so nothing checks what was published: when the schema file was renamed, rename '{System.IO.Path.GetFileName(Path)}' with it; when it was given up, delete the lock";

    public static bool IsLock(string path) => path.EndsWith(SchemaLock.Extension, StringComparison.OrdinalIgnoreCase);

    /// <summary>The locks that no schema file of the project lies beside.</summary>
    public static EquatableList<LockFileInput> WithoutSchemaFile(EquatableList<LockFileInput> locks, ImmutableArray<string> schemaFiles)
    {
        HashSet<string> expected = new(schemaFiles.Select(path => SchemaLock.PathFor(path)!), StringComparer.OrdinalIgnoreCase);
        return new EquatableList<LockFileInput>(locks.Where(found => !expected.Contains(found.Path)));
    }
}
