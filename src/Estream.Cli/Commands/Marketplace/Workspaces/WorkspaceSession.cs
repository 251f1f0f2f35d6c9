using System.CommandLine;
using System.Text;
using Estream.Cli.Data;
using Estream.Esf.Schema;
using Estream.Marketplace;
using Estream.Marketplace.Client;
using Estream.Marketplace.Workspaces;

namespace Estream.Cli.Commands.Marketplace;

/// <summary>An open workspace with its registries.</summary>
internal sealed class WorkspaceSession : IDisposable
{
    private readonly string _path;

    private WorkspaceSession(string folder, string cache, string path, string text, WorkspaceManifest manifest, RegistrySet registries,
        CliContext context)
    {
        (_path, Text, Manifest, Registries) = (path, text, manifest, registries);
        Folder = new WorkspaceFolder(folder);
        Client = new MarketplaceClient(registries, Folder, new ComponentCache(cache), context.Clock);
    }

    /// <summary>The text of the workspace file.</summary>
    public string Text { get; }

    public WorkspaceManifest Manifest { get; }

    public RegistrySet Registries { get; }

    public WorkspaceFolder Folder { get; }

    public MarketplaceClient Client { get; }

    public static WorkspaceSession Open(CliContext context, ParseResult parsed, WorkspaceOptions options)
    {
        string folder = Path.GetFullPath(parsed.GetRequiredValue(options.Folder)), cache = parsed.GetRequiredValue(options.Cache);
        (string path, string text, WorkspaceManifest manifest) = Read(folder);
        BundledRegistry.RenewFor(context, manifest);
        RegistrySet registries = RegistrySet.Open(manifest, folder, cache, context.Clock, null, LoginCommand.Credentials(context));
        return new WorkspaceSession(folder, cache, path, text, manifest, registries, context);
    }

    /// <summary>Reads the workspace file without opening the registries.</summary>
    public static (string Path, string Text, WorkspaceManifest Manifest) Read(string folder)
    {
        string path = Path.Combine(folder, WorkspaceManifest.FileName);
        if (!File.Exists(path))
        {
            throw new CliException(
                $"There is no {WorkspaceManifest.FileName} in '{folder}'. Create one with 'estream marketplace init', or give its folder "
                + "with --workspace.");
        }

        byte[] bytes = NamedFile.Read(path, WorkspaceManifest.MaxBytes)
            ?? throw new CliException(
                $"'{path}' is longer than the maximum of {WorkspaceManifest.MaxBytes} bytes. Split the workspace.");
        WorkspaceReadResult read = WorkspaceManifest.Read(bytes);
        return read.Manifest is { } manifest
            ? (path, Encoding.UTF8.GetString(bytes), manifest)
            : throw new CliException(string.Join(' ', read.Errors));
    }

    /// <summary>Reads the lock file of a workspace.</summary>
    public static WorkspaceLock ReadLock(string folder) =>
        new WorkspaceFolder(folder).ReadLock()
            ?? throw new CliException($"There is no {WorkspaceLock.FileName} in '{folder}'. Run 'estream marketplace install'.");

    /// <summary>Replaces the workspace file atomically.</summary>
    public void Write(string text) => NamedFile.Replace(_path, Encoding.UTF8.GetBytes(text));

    /// <summary>Records a change of the workspace in the audit queue of the data folder; nothing if no component changed.</summary>
    public void Record(CliContext context, string action, WorkspaceChange change)
    {
        if (!change.IsEmpty)
        {
            CliAudit.Record(context, $"marketplace {action}", _path, string.Join("; ", change.Components));
        }
    }

    public static WorkspaceManifest Parse(string text) =>
        WorkspaceManifest.Read(Encoding.UTF8.GetBytes(text)) is { Manifest: { } manifest }
            ? manifest
            : throw new CliException($"{WorkspaceManifest.FileName} cannot be edited by this command. Edit it yourself.");

    public static ComponentName Name(string text) =>
        ComponentName.TryParse(text, out ComponentName? name, out ParseFault? fault)
            ? name
            : throw new CliException($"'{text}' is not a valid component name: {fault}");

    public void Dispose() => Registries.Dispose();
}
