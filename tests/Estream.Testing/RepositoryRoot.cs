namespace Estream.Testing;

/// <summary>The checkout the running tests were built from: the nearest folder upwards that holds Estream.sln.</summary>
public static class RepositoryRoot
{
    private static readonly Lazy<string> s_path = new(Find);

    /// <summary>Full path, without a trailing separator.</summary>
    public static string Path => s_path.Value;

    /// <summary>A path below the root, from its parts.</summary>
    public static string Combine(params string[] parts)
    {
        return System.IO.Path.Combine([Path, .. parts]);
    }

    private static string Find()
    {
        for (DirectoryInfo? folder = new(AppContext.BaseDirectory); folder is not null; folder = folder.Parent)
        {
            if (File.Exists(System.IO.Path.Combine(folder.FullName, "Estream.sln")))
            {
                return folder.FullName;
            }
        }

        throw new InvalidOperationException(
            $"No Estream.sln in or above {AppContext.BaseDirectory}: run the tests from inside a checkout of the repository.");
    }
}
