namespace Estream.Marketplace.Server;

/// <summary>The settings of a marketplace server. Immutable.</summary>
/// <param name="Registry">The folder of the registry.</param>
/// <param name="Database">The SQLite file.</param>
internal sealed record MarketplaceServerOptions(string Registry, string Database)
{
    /// <summary>The name of the SQLite file beside the registry's folder.</summary>
    public const string DatabaseName = "marketplace.db";

    /// <summary>The default for <see cref="RequestsPerSecond"/>.</summary>
    public const int DefaultRequestsPerSecond = 500;

    /// <summary>The default for <see cref="FilesPerSecond"/>.</summary>
    public const int DefaultFilesPerSecond = 1_000;

    /// <summary>The default for <see cref="SubmissionsPerMinute"/>.</summary>
    public const int DefaultSubmissionsPerMinute = 30;

    /// <summary>The number of API requests of one address in a second.</summary>
    public int RequestsPerSecond { get; init; } = DefaultRequestsPerSecond;

    /// <summary>The number of requests for registry files of one address in a second.</summary>
    public int FilesPerSecond { get; init; } = DefaultFilesPerSecond;

    /// <summary>The number of submissions of one caller in a minute.</summary>
    public int SubmissionsPerMinute { get; init; } = DefaultSubmissionsPerMinute;

    /// <summary>Returns the default path of the database: beside the folder of the registry.</summary>
    /// <param name="registry">The full path of the folder.</param>
    public static string DatabaseBeside(string registry) =>
        Path.Combine(Path.GetDirectoryName(Path.TrimEndingDirectorySeparator(registry)) ?? registry, DatabaseName);
}
