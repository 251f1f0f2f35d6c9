using Estream.Esf.Schema;
using Estream.Marketplace.Workspaces;

namespace Estream.Marketplace.Tests.Workspaces;

/// <summary>Locks as tests write them: "name version permission permission", followed by a colon and the dependencies.</summary>
internal static class Locks
{
    public static WorkspaceLock Of(params string[] components) => new(
        [new ComponentRequirement(ComponentName.Parse("gateway"), VersionRange.Parse("^1"))],
        components.Select(Component),
        new Dictionary<string, ComponentName>());

    public static LockedComponent Component(string text)
    {
        string[] sides = text.Split(": ");
        string[] words = sides[0].Split(' ');
        return new LockedComponent
        {
            Name = ComponentName.Parse(words[0]),
            Version = SemanticVersion.Parse(words[1]),
            Root256 = Root(words[0] + words[1]),
            LogIndex = 4711,
            KeyId = "acme-2026",
            Source = "directory:components",
            Dependencies = sides.Length == 1 ? [] : [.. sides[1].Split(' ').Select(ComponentName.Parse)],
            Permissions = words[2..],
        };
    }

    public static string Root(string of) =>
        Convert.ToHexStringLower(System.Security.Cryptography.SHA256.HashData(System.Text.Encoding.UTF8.GetBytes(of)));
}
