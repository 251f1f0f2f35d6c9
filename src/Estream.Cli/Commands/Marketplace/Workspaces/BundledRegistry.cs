using System.Reflection;
using Estream.Marketplace.Publishing;
using Estream.Marketplace.Workspaces;

namespace Estream.Cli.Commands.Marketplace;

/// <summary>The registry of this user with the schema packs that this program contains. It is created on this machine with its own root
/// and keys, so no other machine trusts it.</summary>
internal static class BundledRegistry
{
    private const string Root = "packs/";

    // The signed state is valid for a day.
    private static readonly TimeSpan s_renewal = TimeSpan.FromHours(12);

    private static readonly Assembly s_assembly = typeof(BundledRegistry).Assembly;

    /// <summary>The folder of the registry.</summary>
    public static string FolderOf(CliContext context) => Path.Combine(context.Home, ".estream", "registry");

    /// <summary>Opens the registry with all packs, or creates it if it does not exist.</summary>
    public static async Task<DevRegistry> OpenAsync(CliContext context)
    {
        DevRegistry registry = await DevRegistry.OpenAsync(context, FolderOf(context)).ConfigureAwait(false);
        string packs = Directory.CreateTempSubdirectory("estream-packs-").FullName;
        try
        {
            Extract(packs);
            IEnumerable<ComponentCheck> checks =
                Directory.GetDirectories(packs).Order(StringComparer.Ordinal).Select(pack => ComponentCheck.Run(context, pack, []));
            await registry.PublishReleasesAsync(context, checks).ConfigureAwait(false);
        }
        finally
        {
            Directory.Delete(packs, recursive: true);
        }

        return registry;
    }

    /// <summary>Renews the registry if a workspace uses it and half a day has passed.</summary>
    public static void RenewFor(CliContext context, WorkspaceManifest manifest)
    {
        string state = Path.Combine(RegistryOperator.PublicFolder(FolderOf(context)), "roles", "timestamp.json");
        if (manifest.Registries.Values.Contains($"directory:{Path.GetFullPath(RegistryOperator.PublicFolder(FolderOf(context)))}")
            && File.Exists(state) && context.Now - File.GetLastWriteTimeUtc(state) > s_renewal)
        {
            RenewAsync(context).GetAwaiter().GetResult();
        }
    }

    private static async Task RenewAsync(CliContext context)
    {
        DevRegistry registry = await DevRegistry.OpenAsync(context, FolderOf(context)).ConfigureAwait(false);
        await registry.RenewAsync(context).ConfigureAwait(false);
    }

    private static void Extract(string folder)
    {
        foreach (string resource in s_assembly.GetManifestResourceNames().Where(name => name.StartsWith(Root, StringComparison.Ordinal)))
        {
            string file = Path.Combine(folder, resource[Root.Length..]);
            Directory.CreateDirectory(Path.GetDirectoryName(file)!);
            using Stream content = s_assembly.GetManifestResourceStream(resource)!;
            using FileStream output = new(file, FileMode.CreateNew, FileAccess.Write);
            content.CopyTo(output);
        }
    }
}
