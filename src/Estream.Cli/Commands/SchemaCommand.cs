using System.CommandLine;
using System.Globalization;
using Estream.Cli.Commands.Hosts;
using Estream.Cli.Data;
using Estream.Cli.Output;
using Estream.Esf;
using Estream.Esf.Schema;
using Estream.Esf.Schema.Internal;

namespace Estream.Cli.Commands;

/// <summary>`estream schema list`, `show` and `check`, plus `estream schema publish` (<see cref="SchemaPublishCommand"/>).</summary>
internal static class SchemaCommand
{
    public static Command Create(CliContext context)
    {
        return new Command("schema", "Lists, shows, checks and publishes schemas.")
        {
            CreateList(context), CreateShow(context), CreateCheck(context), SchemaPublishCommand.Create(context),
        };
    }

    private static Command CreateCheck(CliContext context)
    {
        Argument<string[]> files = new("FILE") { Description = "Schema files (.esf.yaml).", Arity = ArgumentArity.OneOrMore };
        Option<string[]> imports = SharedOptions.Imports();
        Command command = new("check",
            "Checks schema files and reports each error with file, line and correction, and each change that is incompatible with the "
            + "published schemas in the lock. Exit code 1 if there are errors. Example: estream schema check doors.esf.yaml")
        {
            files, imports,
        };
        command.SetAction(parsed =>
        {
            using LineWriter lines = new(context.Output);
            IReadOnlyList<LockedSchemaFile> good = LockedSchemaFile.ReadAll(parsed.GetRequiredValue(files),
                parsed.GetRequiredValue(imports), out List<SchemaDiagnostic> errors);
            int code = errors.Count > 0 ? List(lines, errors) : ExitCode.Ok;
            foreach (LockedSchemaFile file in good)
            {
                code = Math.Max(code, Check(lines, file));
            }

            return code;
        });
        return command;
    }

    /// <summary>Writes diagnostics, one per line, and returns <see cref="ExitCode.No"/>.</summary>
    internal static int List(LineWriter lines, IEnumerable<SchemaDiagnostic> diagnostics)
    {
        foreach (SchemaDiagnostic diagnostic in diagnostics)
        {
            lines.WriteLine(diagnostic.ToString());
        }

        return ExitCode.No;
    }

    internal static string IdText(ulong id)
    {
        return id.ToString("x16", CultureInfo.InvariantCulture);
    }

    private static int Check(LineWriter lines, LockedSchemaFile file)
    {
        if (file.Lock?.Check(file.Document, file.Path) is { Count: > 0 } breaches)
        {
            return List(lines, breaches);
        }

        lines.WriteLine($"{file.Path}: ok, {Names(file.Document.Schemas)}");
        if (file.Lock?.Unpublished(file.Document) is { Count: > 0 } unpublished)
        {
            lines.WriteLine($"{file.Path}: changed since the last publish, {Names(unpublished)}");
        }

        return ExitCode.Ok;
    }

    private static string Names(IEnumerable<MessageSchema> schemas)
    {
        return string.Join(", ", schemas.Select(schema => schema.QualifiedName));
    }

    private static Command CreateShow(CliContext context)
    {
        Argument<string> name = new("NAME") { Description = "The name of a schema, with or without its namespace." };
        Option<string[]> files = SharedOptions.SchemaFiles();
        Command command = new("show", "Shows the fields of a schema. Example: estream schema show IoTTelemetry") { name, files };
        HostConnectionOptions host = new(command);
        command.SetAction(async (parsed, cancellation) =>
        {
            EsfSchemaSet known = await ReadAsync(context, parsed, files, host, cancellation).ConfigureAwait(false);
            using LineWriter lines = new(context.Output);
            Show(lines, Find(known, parsed.GetRequiredValue(name)));
            return ExitCode.Ok;
        });
        return command;
    }

    private static Command CreateList(CliContext context)
    {
        Option<string[]> files = SharedOptions.SchemaFiles();
        Command command = new("list", "Lists the ids and names of all schemas: built in, of the data folder or of a host, and of --schema. "
            + "Example: estream schema list") { files };
        FormatOption format = new(command);
        HostConnectionOptions host = new(command);
        command.SetAction(async (parsed, cancellation) =>
        {
            EsfSchemaSet known = await ReadAsync(context, parsed, files, host, cancellation).ConfigureAwait(false);
            using LineWriter lines = new(context.Output);
            foreach (EsfSchema schema in known.Schemas)
            {
                if (format.IsJson(parsed))
                {
                    lines.WriteObject(json =>
                    {
                        json.WriteString("id", IdText(schema.Id));
                        json.WriteString("name", schema.QualifiedName);
                    });
                }
                else
                {
                    lines.WriteLine($"{IdText(schema.Id)}  {schema.QualifiedName}");
                }
            }

            return ExitCode.Ok;
        });
        return command;
    }

    private static async Task<EsfSchemaSet> ReadAsync(CliContext context, ParseResult parsed, Option<string[]> files,
        HostConnectionOptions host, CancellationToken cancellation)
    {
        string[] named = parsed.GetRequiredValue(files);
        if (!host.IsGiven(parsed))
        {
            return SchemaCatalog.Load(new DataFolder(context.DataFolder), named).Known;
        }

        using HostConnection connection = host.Open(parsed, context);
        EsfSchemaSet known = await RemoteSchemas.ReadAsync(connection, cancellation).ConfigureAwait(false);
        return known.With(EsfSchemaSet.Load(named));
    }

    /// <summary>Returns the schema with a name.</summary>
    /// <exception cref="CliException">No schema has the name, or several schemas have this unqualified name.</exception>
    public static EsfSchema Find(EsfSchemaSet known, string name)
    {
        if (known.TryGet(name, out EsfSchema? schema))
        {
            return schema;
        }

        string[] homonyms = [.. known.Schemas.Where(candidate => candidate.Name == name).Select(candidate => candidate.QualifiedName)];
        throw new CliException(
            homonyms.Length > 1
                ? $"Several schemas are named '{name}'. Give the qualified name: {string.Join(" or ", homonyms)}"
                : $"No schema is named '{name}'.{NearestName.Hint(name, known.Schemas.Select(candidate => candidate.Name))} List "
                    + "schemas with 'estream schema list', or add a file with --schema.",
            ExitCode.No);
    }

    private static void Show(LineWriter lines, EsfSchema schema)
    {
        lines.WriteLine($"schema  {schema.QualifiedName}");
        lines.WriteLine($"id      {IdText(schema.Id)}");
        int nameWidth = schema.Fields.Max(field => field.Name.Length);
        int typeWidth = schema.Fields.Max(field => field.TypeName.Length);
        foreach (EsfField field in schema.Fields)
        {
            string line =
                $"field   {field.Name.PadRight(nameWidth)}  {field.TypeName.PadRight(typeWidth)}  {(field.IsOptional ? "optional" : "")}";
            lines.WriteLine(line.TrimEnd());
        }
    }
}
