using System.CommandLine;
using System.Globalization;
using Estream.Marketplace.Manifests;
using Estream.Marketplace.Packages;

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
            "Reports every error in a component: in its manifest, with line, column and correction; missing files; and errors in its "
            + "schemas, circuits and pipelines. Writes nothing.")
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
                if (check.Folder.Manifest!.Details is WidgetDetails widget
                    && check.Folder.Package.TryGet(widget.BundleEntry, out PackageFile? bundle)
                    && bundle.Content.Length > ManifestLimits.DefaultEntryBytes)
                {
                    output.Note(string.Create(CultureInfo.InvariantCulture,
                        $"Warning: {widget.BundleEntry} has {bundle.Content.Length} bytes. A bundle over "
                        + $"{ManifestLimits.DefaultEntryBytes} bytes loads slowly: remove unused code, or load data at run time."));
                }
            }

            return code;
        });
        return command;
    }
}
