using System.CommandLine;
using System.Text;
using Estream.Cli.Data;
using Estream.Cli.Output;
using Estream.Esf;

namespace Estream.Cli.Commands.Marketplace;

/// <summary>`estream marketplace docs`.</summary>
internal static class DocsCommand
{
    public static Command Create(CliContext context)
    {
        Argument<string> folder = MarketplaceOptions.Folder();
        Option<string?> file = new("--out")
        {
            Description = "The file to write; an existing file is replaced. Default: standard output.",
            HelpName = "FILE",
        };
        Option<string[]> schemas = MarketplaceOptions.Schemas();
        Command command = new(
            "docs",
            "Writes a Markdown page about a component: its dependencies, its permissions and the fields of its messages.")
        {
            folder, file, schemas,
        };
        command.SetAction(parsed =>
        {
            string[] others = parsed.GetRequiredValue(schemas);
            ComponentCheck check = ComponentCheck.Run(context, parsed.GetRequiredValue(folder), others);
            if (!check.IsGood)
            {
                using MarketplaceOutput said = new(context, isJson: false);
                return check.Report(said);
            }

            string page = ComponentPage.Write(check.Folder.Manifest!, check.Folder.Package!, SchemasOf(check, others));
            if (parsed.GetValue(file) is { } path)
            {
                NamedFile.Replace(path, Encoding.UTF8.GetBytes(page));
                return ExitCode.Ok;
            }

            using LineWriter lines = new(context.Output);
            lines.Write(page);
            return ExitCode.Ok;
        });
        return command;
    }

    private static IReadOnlyList<EsfSchema> SchemasOf(ComponentCheck check, string[] others)
    {
        string[] files = [.. check.Folder.Package!.Files.Where(file => file.Path.EndsWith(".esf.yaml", StringComparison.Ordinal))
            .Select(file => Path.Combine(check.Folder.Path, file.Path))];
        HashSet<string> provided = [.. check.Folder.Manifest!.ProvidedSchemas];
        return files.Length == 0
            ? []
            : [.. EsfSchemaSet.Load([.. files, .. others]).Schemas.Where(schema => provided.Contains(schema.Name))];
    }
}
