using Estream.Esf.Schema;
using Estream.Tidy.Sources;

namespace Estream.Tidy.Rules;

/// <summary>Requires that every schema file outside tests and templates has a matching lock next to it.</summary>
internal static class SchemaLocks
{
    // The schemas of tests have no other readers and may change with their tests.
    private const string Tests = "tests";

    // Templates of new components: nothing of them is published, and their users change them first.
    private static readonly string[] s_templates = ["src/Estream.Cli/Templates", "src/Estream.Templates"];

    public static IEnumerable<Violation> Check(Repository repository)
    {
        IEnumerable<Violation> files = repository.Files
            .Where(file => SchemaLock.PathFor(file.Path) is not null && !file.IsUnder(Tests) && !s_templates.Any(file.IsUnder))
            .SelectMany(file => CheckFile(repository, file));
        IEnumerable<Violation> orphans =
            from file in repository.Files
            where file.Path.EndsWith(SchemaLock.Extension, StringComparison.Ordinal)
            where !repository.Files.Any(other => SchemaLock.PathFor(other.Path) == file.Path)
            select new Violation(file.Path, 0, "there is no schema file next to this lock: rename it with its file, or delete it");
        return files.Concat(orphans);
    }

    private static IEnumerable<Violation> CheckFile(Repository repository, SourceFile file)
    {
        if (SchemaReader.Read(file.Text, file.Path).Document is not SchemaDocument document)
        {
            return [new Violation(file.Path, 0, "this schema file has errors: ./estream schema check lists them")];
        }

        if (repository.Find(SchemaLock.PathFor(file.Path)!) is not SourceFile lockFile)
        {
            return [new Violation(file.Path, 0,
                "this schema file has no lock, so nothing stops a breaking change: ./estream schema publish writes it")];
        }

        SchemaLockReadResult read = SchemaLockReader.Read(lockFile.Text, lockFile.Path);
        IReadOnlyList<SchemaDiagnostic> mistakes = read.Lock?.Check(document, file.Path) ?? read.Diagnostics;
        return mistakes
            .Select(mistake => new Violation(mistake.File, mistake.Position.Line, mistake.Message))
            .Concat((mistakes.Count > 0 ? [] : read.Lock!.Unpublished(document)).Select(schema => new Violation(
                file.Path, schema.Position.Line,
                $"{schema.QualifiedName} differs from its published version: ./estream schema publish adds it to the lock")));
    }
}
