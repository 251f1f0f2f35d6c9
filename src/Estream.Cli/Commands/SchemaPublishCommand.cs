using System.CommandLine;
using Estream.Cli.Data;
using Estream.Cli.Output;
using Estream.Esf.Schema;

namespace Estream.Cli.Commands;

/// <summary>`estream schema publish`: records the schemas of a file in its lock. From then on, only compatible changes are
/// allowed.</summary>
internal static class SchemaPublishCommand
{
    public static Command Create(CliContext context)
    {
        Argument<string[]> files = new("FILE") { Description = "Schema files (.esf.yaml).", Arity = ArgumentArity.OneOrMore };
        Option<string[]> given = new("--remove")
        {
            Description = "Remove a published schema from the lock; it must no longer be in its file. May be repeated.",
            HelpName = "NAME",
            DefaultValueFactory = _ => [],
        };
        Option<string[]> imports = SharedOptions.Imports();
        Command command = new(
            "publish",
            "Records the schemas of each file in its lock (doors.esf.lock). Commit the lock with the file. For incompatible changes, lists "
            + "them, writes nothing and exits with code 1. Example: estream schema publish doors.esf.yaml")
        {
            files, given, imports,
        };
        command.SetAction(parsed =>
        {
            using LineWriter lines = new(context.Output);
            return Publish(lines, parsed.GetRequiredValue(files), parsed.GetRequiredValue(given), parsed.GetRequiredValue(imports));
        });
        return command;
    }

    /// <summary>Checks all files before it writes a lock.</summary>
    private static int Publish(LineWriter lines, string[] paths, string[] given, string[] imports)
    {
        if (paths.FirstOrDefault(path => SchemaLock.PathFor(path) is null) is string misnamed)
        {
            throw new CliException($"'{misnamed}' is not a schema file: its name must end in .esf.yaml.");
        }

        IReadOnlyList<LockedSchemaFile> files = LockedSchemaFile.ReadAll(paths, imports, out List<SchemaDiagnostic> errors);
        if (errors.Count > 0)
        {
            return SchemaCommand.List(lines, errors);
        }

        SchemaLock[] kept = [.. files.Select(file => file.Lock ?? SchemaLock.Empty)];
        foreach (string name in given)
        {
            GiveUp(files, kept, name);
        }

        SchemaDiagnostic[] breaches = [.. files.SelectMany((file, i) => kept[i].Check(file.Document, file.Path))];
        if (breaches.Length > 0)
        {
            return SchemaCommand.List(lines, breaches);
        }

        for (int i = 0; i < files.Count; i++)
        {
            Write(lines, files[i], kept[i]);
        }

        return ExitCode.Ok;
    }

    private static void GiveUp(IReadOnlyList<LockedSchemaFile> files, SchemaLock[] kept, string name)
    {
        for (int i = 0; i < files.Count; i++)
        {
            if (kept[i].Find(name) is null)
            {
                continue;
            }

            if (files[i].Document.Schemas.Any(schema => schema.QualifiedName == name))
            {
                throw new CliException($"'{name}' is still in {files[i].Path}. Remove it from the file first.", ExitCode.No);
            }

            kept[i] = kept[i].Without(name);
            return;
        }

        throw new CliException($"No schema '{name}' was published with these files. Give the qualified name from the lock.",
            ExitCode.No);
    }

    private static void Write(LineWriter lines, LockedSchemaFile file, SchemaLock kept)
    {
        SchemaLock published = kept.Publish(file.Document);
        string text = published.ToString();
        foreach (PublishedSchema gone in file.Lock?.Schemas.Where(schema => kept.Find(schema.QualifiedName) is null) ?? [])
        {
            lines.WriteLine($"{file.Path}: removed, {gone.QualifiedName}");
        }

        foreach (MessageSchema added in kept.Unpublished(file.Document))
        {
            int version = published.Find(added.QualifiedName)!.Versions.Count;
            lines.WriteLine($"{file.Path}: published, {added.QualifiedName} version {version} ({SchemaCommand.IdText(added.Id)})");
        }

        if (file.Lock?.ToString() == text)
        {
            lines.WriteLine($"{file.Path}: nothing to publish");
            return;
        }

        // Write to a temporary file and rename, so the lock is replaced atomically.
        string path = SchemaLock.PathFor(file.Path)!;
        string half = path + ".tmp";
        File.WriteAllText(half, text);
        File.Move(half, path, overwrite: true);
    }
}
