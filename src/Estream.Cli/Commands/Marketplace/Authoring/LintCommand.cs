using System.CommandLine;

namespace Estream.Cli.Commands.Marketplace;

/// <summary>`estream marketplace lint`.</summary>
internal static class LintCommand
{
    public static Command Create(CliContext context)
    {
        Argument<string> folder = MarketplaceOptions.Folder();
        Option<string[]> schemas = MarketplaceOptions.Schemas();
        Option<bool> json = SharedOptions.Json();
        Command command = new(
            "lint",
            "Prints every mistake in a component: of its manifest with line, column and what to write instead, of files that it names and "
            + "that are not there, and of the schemas, circuits and pipelines of its package. "
            + "Nothing is written.")
        {
            folder, schemas, json,
        };
        command.SetAction(parsed =>
        {
            using MarketplaceOutput output = new(context, parsed.GetValue(json));
            ComponentCheck check = ComponentCheck.Run(context, parsed.GetRequiredValue(folder), parsed.GetRequiredValue(schemas));
            int code = check.Report(output);
            if (check.IsGood)
            {
                output.Note(
                    $"{check.Folder.Path}: ok, {check.Folder.Manifest} ({check.Folder.Package!.Files.Count} files, root "
                    + $"{check.Folder.Package.Identity.Root256})");
            }

            return code;
        });
        return command;
    }
}
