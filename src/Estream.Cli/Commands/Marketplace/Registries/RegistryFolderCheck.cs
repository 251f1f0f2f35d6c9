using Estream.Marketplace.Registries;

namespace Estream.Cli.Commands.Marketplace;

/// <summary>Whether the folder of a registry is there. One that is not is an empty registry for who publishes into it, and out of reach for
/// who reads: a wrong path, or a share that is not mounted.</summary>
internal static class RegistryFolderCheck
{
    private static readonly string[] s_folders = ["directory:", "oci:"];

    /// <summary>Refuses a registry that is read and whose folder is not there. Others answer for themselves.</summary>
    /// <exception cref="CliException">There is no such folder.</exception>
    public static void RequireThere(IComponentRegistry registry)
    {
        string location = registry.Location;
        if (Array.Find(s_folders, one => location.StartsWith(one, StringComparison.Ordinal)) is { } form
            && !Directory.Exists(location[form.Length..]))
        {
            throw new CliException(
                $"the registry {location} is out of reach: there is no such folder. Check the path, and whether it is mounted");
        }
    }
}
