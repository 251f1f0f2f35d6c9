using System.CommandLine;
using System.Threading.Channels;
using Estream.Core;
using Estream.Marketplace.Manifests;

namespace Estream.Cli.Commands.Marketplace;

/// <summary>`estream marketplace dev`.</summary>
internal static class DevCommand
{
    // Editors write a file in several steps; changes within this time count as one change.
    private static readonly TimeSpan s_settling = TimeSpan.FromMilliseconds(200);

    public static Command Create(CliContext context)
    {
        Argument<string> folder = MarketplaceOptions.Folder();
        Option<string> registry = SharedOptions.Required(
            "--registry", "FOLDER",
            "The folder of a local registry, created with its own root and keys if it does not exist. Other machines do not trust it; it "
            + "is verified like any other registry.");
        Option<bool> once = new("--once") { Description = "Publish once and exit." };
        Option<string[]> schemas = MarketplaceOptions.Schemas();
        Option<bool> json = SharedOptions.Json();
        Command command = new(
            "dev",
            "Watches the folder of a component. After each change, lints, tests and packs it, and publishes it to a local registry as the "
            + "pre-release VERSION-dev.N, so a workspace can install it. Ends on Ctrl-C.")
        {
            folder, registry, once, schemas, json,
        };
        command.SetAction(async (parsed, _) =>
        {
            using MarketplaceOutput said = new(context, parsed.GetValue(json));
            string path = parsed.GetRequiredValue(folder);
            RequireOutside(path, parsed.GetRequiredValue(registry));
            DevRegistry local = await DevRegistry.OpenAsync(context, parsed.GetRequiredValue(registry)).ConfigureAwait(false);
            string[] others = parsed.GetRequiredValue(schemas);
            return parsed.GetValue(once)
                ? await RoundAsync(context, said, path, local, others).ConfigureAwait(false)
                : await WatchAsync(context, said, path, local, others).ConfigureAwait(false);
        });
        return command;
    }

    // Each write to a registry inside the component folder would trigger another round.
    private static void RequireOutside(string folder, string registry)
    {
        string inside = Path.GetFullPath(folder).TrimEnd(Path.DirectorySeparatorChar) + Path.DirectorySeparatorChar;
        if ((Path.GetFullPath(registry) + Path.DirectorySeparatorChar).StartsWith(inside, StringComparison.Ordinal))
        {
            throw new CliException($"The registry '{registry}' is inside the folder of the component. Choose a folder outside of it.");
        }
    }

    private static async Task<int> WatchAsync(CliContext context, MarketplaceOutput said, string path, DevRegistry local, string[] others)
    {
        if (!Directory.Exists(path))
        {
            throw new CliException($"There is no folder '{path}'. Check the path.");
        }

        Channel<bool> changes = Channel.CreateBounded<bool>(new BoundedChannelOptions(1) { FullMode = BoundedChannelFullMode.DropWrite });
        using FileSystemWatcher watcher = new(path) { IncludeSubdirectories = true };
        void Tell(object sender, FileSystemEventArgs change) => changes.Writer.TryWrite(true);
        watcher.Changed += Tell;
        watcher.Created += Tell;
        watcher.Deleted += Tell;
        watcher.Renamed += Tell;
        watcher.EnableRaisingEvents = true;
        changes.Writer.TryWrite(true);
        await foreach (bool changed in changes.Reader.ReadAllAsync(context.Cancellation).ConfigureAwait(false))
        {
            await Task.Delay(s_settling, context.Cancellation).ConfigureAwait(false);
            changes.Reader.TryRead(out bool _);
            try
            {
                await RoundAsync(context, said, path, local, others).ConfigureAwait(false);
            }
            catch (Exception wrong) when (wrong is CliException or IOException or EstreamException)
            {
                // The change may be incomplete or a file is being replaced; the next change triggers another round.
                context.Error.WriteLine($"estream: {wrong.Message.ReplaceLineEndings(" ")}");
            }
        }

        return ExitCode.Ok;
    }

    private static async Task<int> RoundAsync(CliContext context, MarketplaceOutput said, string path, DevRegistry local, string[] others)
    {
        ComponentCheck check = ComponentCheck.Run(context, path, others);
        int code = check.IsGood ? TestCommand.Run(said, check, others) : check.Report(said);
        if (code == ExitCode.Ok)
        {
            string version = await local.PublishAsync(context, check, others).ConfigureAwait(false);
            ComponentManifest manifest = check.Folder.Manifest!;
            said.Say($"{manifest.Name} {version} is published in {local.Public}, root {local.Root}", json =>
            {
                json.WriteString("name", manifest.Name.ToString());
                json.WriteString("version", version);
                json.WriteString("registry", local.Public);
                json.WriteString("root", local.Root);
            });
        }

        said.Flush();
        return code;
    }
}
