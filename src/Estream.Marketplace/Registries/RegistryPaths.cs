using Estream.Esf.Schema;

namespace Estream.Marketplace.Registries;

/// <summary>The paths in a file-based registry, which are the same in a directory, on a web server and in a Git repository
/// (docs/formats/registry.md).</summary>
public static class RegistryPaths
{
    /// <summary>The list of all component names.</summary>
    public const string Names = "names.json";

    /// <summary>The folder of the roles (docs/formats/roles.md).</summary>
    public const string RolesFolder = "roles";

    /// <summary>The folder of the log (docs/formats/log.md).</summary>
    public const string LogFolder = "log";

    /// <summary>The folder of the catalogue (docs/formats/catalog.md).</summary>
    public const string CatalogFolder = "catalog";

    /// <summary>The folder of the release indexes.</summary>
    internal const string IndexFolder = "index";

    // Cannot collide with a scope: scope folders start with '@'.
    private const string NoScope = "_";
    private const string IndexSuffix = ".json";

    /// <summary>Returns the path of the release index of a component.</summary>
    /// <param name="name">The component.</param>
    public static string Index(ComponentName name) => $"{IndexFolder}/{Folder(name)}{IndexSuffix}";

    /// <summary>Returns the path of a package.</summary>
    /// <param name="name">The component.</param>
    /// <param name="version">The version.</param>
    public static string Package(ComponentName name, SemanticVersion version) => $"packages/{Folder(name)}/{version}.escx";

    /// <summary>Returns the path of the bundle of a package, without the package.</summary>
    /// <param name="name">The component.</param>
    /// <param name="version">The version.</param>
    public static string Bundle(ComponentName name, SemanticVersion version) => $"bundles/{Folder(name)}/{version}.escb";

    /// <summary>Returns the path of a file of the catalogue.</summary>
    /// <param name="sha256">The SHA-256 of the file, as 64 lower-case hexadecimal digits.</param>
    public static string Catalog(string sha256) => $"{CatalogFolder}/{sha256}";

    /// <summary>Returns the component whose index has this path, or <see langword="null"/> if the path is not that of an index.</summary>
    internal static ComponentName? NameOfIndex(string path)
    {
        string[] parts = path.Split('/');
        if (parts is not [IndexFolder, string scope, string file] || !file.EndsWith(IndexSuffix, StringComparison.Ordinal))
        {
            return null;
        }

        string name = file[..^IndexSuffix.Length];
        return ComponentName.TryParse(scope == NoScope ? name : $"{scope}/{name}", out ComponentName? component, out _)
            && Index(component) == path ? component : null;
    }

    private static string Folder(ComponentName name)
    {
        ArgumentNullException.ThrowIfNull(name);
        return name.Scope is null ? $"{NoScope}/{name.Name}" : $"@{name.Scope}/{name.Name}";
    }
}
