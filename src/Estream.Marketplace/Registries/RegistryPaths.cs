using Estream.Esf.Schema;

namespace Estream.Marketplace.Registries;

/// <summary>Where things lie in a registry of files: the same in a directory, behind a web server and in a Git repository
/// (docs/formats/registry.md).</summary>
public static class RegistryPaths
{
    /// <summary>The list of all names.</summary>
    public const string Names = "names.json";

    /// <summary>Below it lie the roles (docs/formats/roles.md).</summary>
    public const string RolesFolder = "roles";

    /// <summary>Below it lies the log (docs/formats/log.md).</summary>
    public const string LogFolder = "log";

    /// <summary>Below it lies the catalogue (docs/formats/catalog.md).</summary>
    public const string CatalogFolder = "catalog";

    /// <summary>Below it lies what is said of the releases.</summary>
    internal const string IndexFolder = "index";

    // No scope is written so: each has an @ in front.
    private const string NoScope = "_";
    private const string IndexSuffix = ".json";

    /// <summary>What is said of the releases of a component.</summary>
    /// <param name="name">The component.</param>
    public static string Index(ComponentName name) => $"{IndexFolder}/{Folder(name)}{IndexSuffix}";

    /// <summary>A package.</summary>
    /// <param name="name">The component.</param>
    /// <param name="version">The version.</param>
    public static string Package(ComponentName name, SemanticVersion version) => $"packages/{Folder(name)}/{version}.escx";

    /// <summary>The bundle of a package, without the package.</summary>
    /// <param name="name">The component.</param>
    /// <param name="version">The version.</param>
    public static string Bundle(ComponentName name, SemanticVersion version) => $"bundles/{Folder(name)}/{version}.escb";

    /// <summary>A file of the catalogue.</summary>
    /// <param name="sha256">Its SHA-256, in 64 lower-case hexadecimal digits.</param>
    public static string Catalog(string sha256) => $"{CatalogFolder}/{sha256}";

    /// <summary>The component whose index lies at a path, or <see langword="null"/> where that is none.</summary>
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
