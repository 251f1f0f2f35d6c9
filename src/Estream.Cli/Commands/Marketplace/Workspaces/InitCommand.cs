using System.CommandLine;
using System.Text;
using Estream.Cli.Data;
using Estream.Marketplace.Workspaces;

namespace Estream.Cli.Commands.Marketplace;

/// <summary>`estream marketplace init`: begins a workspace.</summary>
internal static class InitCommand
{
    private const string RootFile = "registry.root.json";

    public static Command Create(CliContext context)
    {
        Argument<string> folder = new("FOLDER")
        {
            Description = "The folder of the workspace. Default: the current folder.",
            DefaultValueFactory = _ => ".",
        };
        Option<string?> registry = new("--registry")
        {
            Description = "The address of the registry: directory:PATH, git:REMOTE, oci:PATH or an https URL. Default: a registry of this "
                + "user with the schema packs of this program.",
            HelpName = "ADDRESS",
        };
        Option<string?> root = new("--root")
        {
            Description = "The root file of the registry, from its operator through another channel. It is copied into the workspace.",
            HelpName = "FILE",
        };
        Option<bool> json = SharedOptions.Json();
        Command command = new("init",
            $"Begins a workspace: writes {WorkspaceManifest.FileName} with a registry, its root, and the versions of host, console and "
            + "SDK.")
        {
            folder, registry, root, json,
        };
        command.SetAction(async (parsed, _) =>
        {
            using MarketplaceOutput said = new(context, parsed.GetValue(json));
            (string? address, string? file) = (parsed.GetValue(registry), parsed.GetValue(root));
            if (address is null != file is null)
            {
                throw new CliException(
                    "--registry and --root belong together: no registry is used without its root. Give both or neither.");
            }

            string place = parsed.GetRequiredValue(folder), manifest = Path.Combine(place, WorkspaceManifest.FileName);
            if (File.Exists(manifest))
            {
                throw new CliException($"'{manifest}' exists, and is never overwritten. Edit the file, or choose another folder.");
            }

            if (file is null)
            {
                DevRegistry bundled = await BundledRegistry.OpenAsync(context).ConfigureAwait(false);
                (address, file) = ($"directory:{Path.GetFullPath(bundled.Public)}", bundled.Root);
            }

            address = SeenFrom(place, address!);
            byte[] content = Encoding.UTF8.GetBytes(NamedFile.ReadText(file, 1 << 20));
            NamedFile.Replace(Path.Combine(place, RootFile), content);
            NamedFile.Replace(manifest, Encoding.UTF8.GetBytes(TextOf(address)));
            said.Say($"{manifest}: components come from {address}", line =>
            {
                line.WriteString("workspace", manifest);
                line.WriteString("registry", address);
            });
            said.Note("Next: estream marketplace search, then estream marketplace install COMPONENT");
            return ExitCode.Ok;
        });
        return command;
    }

    // Relative paths of a workspace are relative to its folder, and those of a command line to the current directory.
    private static string SeenFrom(string workspace, string address)
    {
        foreach (string kind in (string[])["directory:", "oci:"])
        {
            if (address.StartsWith(kind, StringComparison.Ordinal) && address[kind.Length..] is { Length: > 0 } path
                && !Path.IsPathRooted(path))
            {
                return kind + Path.GetRelativePath(workspace, path);
            }
        }

        return address;
    }

    private static string TextOf(string address) => $"""
        [components]

        [registries]
        default = {Quote(address)}
        "*" = {Quote(address)}

        [trust]
        default = "{RootFile}"
        "*" = "{RootFile}"

        [engines]
        host = "{PackCommand.ToolVersion}"
        console = "{PackCommand.ToolVersion}"
        sdk = "{PackCommand.ToolVersion}"

        """;

    // A literal string of TOML has no escapes; a basic string has.
    private static string Quote(string text) => text.Contains('\'', StringComparison.Ordinal)
        ? $"\"{text.Replace("\\", "\\\\", StringComparison.Ordinal).Replace("\"", "\\\"", StringComparison.Ordinal)}\""
        : $"'{text}'";
}
