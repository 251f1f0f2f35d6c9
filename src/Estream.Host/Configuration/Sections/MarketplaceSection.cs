using System.Globalization;
using Estream.Marketplace.Server;
using Microsoft.Extensions.Configuration;

namespace Estream.Host.Configuration;

/// <summary>The section <c>Marketplace</c>: its schema, its checks, and its settings.</summary>
internal static class MarketplaceSection
{
    public const string Key = "Marketplace";

    private const int MostPerSecond = 1_000_000;

    public static ObjectSchema Schema { get; } = new(
        Setting.Required("Registry", TextSchema.Path),
        new Setting("Database", TextSchema.Path),
        new Setting("RequestsPerSecond", new IntegerSchema(1, MostPerSecond)),
        new Setting("FilesPerSecond", new IntegerSchema(1, MostPerSecond)),
        new Setting("SubmissionsPerMinute", new IntegerSchema(1, MostPerSecond)));

    /// <summary>Adds an error if the database would be served with the registry's files.</summary>
    public static void Check(IConfigurationSection root, SettingErrors errors)
    {
        IConfigurationSection section = root.GetSection(Key);
        if (section["Registry"] is { Length: > 0 } registry && section["Database"] is { Length: > 0 } database
            && !registry.Contains('\0', StringComparison.Ordinal) && !database.Contains('\0', StringComparison.Ordinal)
            && Path.GetFullPath(database).StartsWith(
                Path.GetFullPath(Path.Combine(registry, "public")) + Path.DirectorySeparatorChar, StringComparison.Ordinal))
        {
            errors.Add($"{section.Path}:Database",
                "is in the public folder of the registry, which every client can read. Use another folder.");
        }
    }

    /// <summary>Reads the settings of a checked configuration; null if the section is missing.</summary>
    public static MarketplaceServerOptions? Read(IConfigurationSection root)
    {
        IConfigurationSection section = root.GetSection(Key);
        if (section["Registry"] is not { Length: > 0 } folder)
        {
            return null;
        }

        string registry = Path.GetFullPath(folder);
        string database = section["Database"] is { Length: > 0 } named ? Path.GetFullPath(named)
            : MarketplaceServerOptions.DatabaseBeside(registry);
        return new MarketplaceServerOptions(registry, database)
        {
            RequestsPerSecond = NumberOf(section, "RequestsPerSecond", MarketplaceServerOptions.DefaultRequestsPerSecond),
            FilesPerSecond = NumberOf(section, "FilesPerSecond", MarketplaceServerOptions.DefaultFilesPerSecond),
            SubmissionsPerMinute = NumberOf(section, "SubmissionsPerMinute", MarketplaceServerOptions.DefaultSubmissionsPerMinute),
        };
    }

    private static int NumberOf(IConfigurationSection section, string key, int standard) =>
        section[key] is { Length: > 0 } text ? int.Parse(text, NumberStyles.None, CultureInfo.InvariantCulture) : standard;
}
