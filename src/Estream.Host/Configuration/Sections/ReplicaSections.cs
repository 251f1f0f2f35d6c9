using Estream.Host.Runtime;
using Microsoft.Extensions.Configuration;

namespace Estream.Host.Configuration;

/// <summary>The section <c>Replicas</c>: its schema, its checks, and its plans.</summary>
internal static class ReplicaSections
{
    public const string Key = "Replicas";

    private const int MaxReplicas = 64;

    public static NamedObjectsSchema Schema { get; } = new("replica", new ObjectSchema(
        new Setting("Queue", TextSchema.Any),
        new Setting("Map", TextSchema.Any),
        Setting.Required("Folder", TextSchema.Path)), MaxReplicas);

    /// <summary>Adds an error for each contradiction in the section.</summary>
    /// <param name="root">The section <c>Estream</c>.</param>
    /// <param name="checkQueue">Checks that a setting names a queue of the host.</param>
    /// <param name="errors">Receives errors.</param>
    public static void Check(IConfigurationSection root, Action<IConfigurationSection> checkQueue, SettingErrors errors)
    {
        string[] maps = [.. root.GetSection("Maps").GetChildren().Select(map => map.Key)];
        foreach (IConfigurationSection replica in root.GetSection(Key).GetChildren())
        {
            bool hasQueue = !string.IsNullOrEmpty(replica["Queue"]);
            if (hasQueue == !string.IsNullOrEmpty(replica["Map"]))
            {
                errors.Add(replica.Path, $"needs either Queue or Map{(hasQueue ? ", and has both" : "")}. Set one of them.");
            }

            if (!char.IsAsciiLetter(replica.Key[0]))
            {
                errors.Add(replica.Path, "is not a valid name for a replica: its name starts with a letter.");
            }

            checkQueue(replica.GetSection("Queue"));
            if (replica["Map"] is { Length: > 0 } map && !maps.Contains(map, StringComparer.Ordinal))
            {
                errors.Add(replica.GetSection("Map").Path,
                    $"is {ScalarSchema.Quote(map)}, which {root.Path}:Maps does not have.{Suggestion.For(map, maps)} Maps: "
                    + $"{string.Join(", ", maps.DefaultIfEmpty("none"))}.");
            }

            CheckFolder(root, replica.GetSection("Folder"), errors);
        }
    }

    /// <summary>Reads the plan of a section that passed <see cref="Check"/>.</summary>
    public static ReplicaPlan Read(IConfigurationSection replica) =>
        new(replica.Key, TextOf(replica, "Queue"), TextOf(replica, "Map"), Path.GetFullPath(replica["Folder"]!));

    // A replica in the data folder would have the directory of a queue or map of the host.
    private static void CheckFolder(IConfigurationSection root, IConfigurationSection folder, SettingErrors errors)
    {
        if (folder.Value is { Length: > 0 } path && !path.Contains('\0')
            && Path.GetFullPath(path) == Path.GetFullPath(root["Data"] is { Length: > 0 } data ? data : "data"))
        {
            errors.Add(folder.Path, $"is {ScalarSchema.Quote(path)}, the data folder of the host. Choose a folder on another volume.");
        }
    }

    private static string? TextOf(IConfigurationSection section, string key) => section[key] is { Length: > 0 } text ? text : null;
}
