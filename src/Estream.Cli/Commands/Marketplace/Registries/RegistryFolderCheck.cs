using Estream.Marketplace.Registries;

namespace Estream.Cli.Commands.Marketplace;

/// <summary>Checks that the folder of a registry exists. For a publisher, a missing folder is an empty registry. For a reader, a missing
/// folder is an unreachable registry, because of a wrong path or an unmounted share.</summary>
internal static class RegistryFolderCheck
{
    private static readonly string[] s_folders = ["directory:", "oci:"];

    /// <summary>Throws if the registry is a folder that does not exist. Other kinds of registries report their own errors.</summary>
    /// <exception cref="CliException">The folder does not exist.</exception>
    public static void RequireThere(IComponentRegistry registry)
    {
        string location = registry.Location;
        if (Array.Find(s_folders, one => location.StartsWith(one, StringComparison.Ordinal)) is { } form
            && !Directory.Exists(location[form.Length..]))
        {
            throw new CliException(
                $"The registry {location} is unreachable, because the folder does not exist. Check the path, and whether it is mounted.");
        }
    }
}
