namespace Estream.Testing;

/// <summary>The wire adapters of this repository as components. The source folder of each component has a manifest; the build copies the
/// files to pack into a folder below bin.</summary>
public static class AdapterComponents
{
    private const string Manifest = "estream-component.toml";

    private static readonly Dictionary<string, string> s_projects = new(
        from project in Directory.GetDirectories(RepositoryRoot.Combine("src")).Order(StringComparer.Ordinal)
        let components = Path.Combine(project, "Components")
        where Directory.Exists(components)
        from folder in Directory.GetDirectories(components).Order(StringComparer.Ordinal)
        where File.Exists(Path.Combine(folder, Manifest))
        select new KeyValuePair<string, string>(Path.GetFileName(folder), project),
        StringComparer.Ordinal);

    /// <summary>The kinds of adapters, as their factories name them.</summary>
    public static IReadOnlyCollection<string> Kinds => s_projects.Keys;

    /// <summary>Returns the folder with the files to pack.</summary>
    /// <param name="kind">One of <see cref="Kinds"/>.</param>
    /// <exception cref="FileNotFoundException">The adapter project has not been built in the configuration of this test.</exception>
    public static string FolderOf(string kind) =>
        Path.GetDirectoryName(
            BuiltProgram.Find(Path.GetRelativePath(RepositoryRoot.Path, s_projects[kind]), Path.Combine("components", kind, Manifest)))!;
}
