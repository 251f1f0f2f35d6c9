using System.CommandLine;
using Estream.Cli.Data;
using Estream.Marketplace.Manifests;
using Estream.Marketplace.Packages;
using Estream.Marketplace.Publishing;

namespace Estream.Cli.Commands.Marketplace;

/// <summary>`estream marketplace rebuild`.</summary>
internal static class RebuildCommand
{
    public static Command Create(CliContext context)
    {
        Argument<string> file = new("FILE") { Description = "A package (.escx)." };
        Option<string> folder = SharedOptions.Required("--from", "FOLDER", "The folder with the sources that it is said to be built from, as its repository has them.");
        Option<bool> json = SharedOptions.Json();
        Command command = new(
            "rebuild",
            "Packs a folder again and compares it with a package: by the files, so that compression, signature and attestations make no difference. ")
        {
            file, folder, json,
        };
        command.SetAction(parsed =>
        {
            using MarketplaceOutput said = new(context, parsed.GetValue(json));
            return Run(said, parsed.GetRequiredValue(file), parsed.GetRequiredValue(folder));
        });
        return command;
    }

    private static int Run(MarketplaceOutput said, string path, string from)
    {
        if (!Directory.Exists(from))
        {
            throw new CliException($"there is no folder '{from}'. Check the path");
        }

        PackageReadResult published;
        using (FileStream file = NamedFile.Open(path))
        {
            published = PackageReader.Read(file);
        }

        if (!published.IsPackage)
        {
            throw new CliException($"'{path}' is no package: {published}", ExitCode.No);
        }

        ComponentFolder folder = ComponentFolder.Read(from);
        ComponentManifest manifest = folder.Manifest ?? throw new CliException($"'{from}' is no component: {(folder.Mistakes.Count > 0 ? folder.Mistakes[0] : "")}", ExitCode.No);
        PackageRebuildResult result = PackageRebuild.Run(published, from, ComponentFolder.SelectionOf(manifest));
        foreach (string line in result.Differences.Select(difference => difference.ToString()).Concat(result.Problems.Select(problem => problem.ToString())))
        {
            said.Say(line, json => json.WriteString("difference", line));
        }

        said.Say(result.IsSame ? $"the same: root256 {result.Published.Root256}" : $"not the same: {path} has root256 {result.Published.Root256}, {from} has {result.Rebuilt?.Root256 ?? "none"}", json =>
        {
            json.WriteBoolean("same", result.IsSame);
            json.WriteString("published", result.Published.Root256);
            json.WriteString("rebuilt", result.Rebuilt?.Root256);
        });
        return result.IsSame ? ExitCode.Ok : ExitCode.No;
    }
}
