using Estream.Queue;
using Estream.Scenarios.Harness;

namespace Estream.Scenarios.Workloads;

/// <summary>The levels of <c>Queues:NAME:Durability</c>, by the names that rows and child processes use.</summary>
internal static class DurabilityLevels
{
    public const string PageCache = "page-cache";
    public const string GroupCommit = "group-commit";
    public const string Every = "every";

    /// <summary>All levels, the weakest first.</summary>
    public static IReadOnlyList<string> All { get; } = [PageCache, GroupCommit, Every];

    /// <summary>Returns the row of a level: <c>estream</c> for the page cache, which is the level of the peers.</summary>
    public static string RowOf(string level) => level == PageCache ? "estream" : $"estream-{level}";

    /// <summary>Returns the setting of a level.</summary>
    public static string SettingOf(string name) => name switch
    {
        PageCache => "PageCache",
        GroupCommit => "GroupCommit",
        Every => "Every",
        _ => throw Unknown(name),
    };

    public static Durability Of(string name) => name switch
    {
        PageCache => Durability.PageCache,
        GroupCommit => Durability.GroupCommit(),
        Every => Durability.Every,
        _ => throw Unknown(name),
    };

    private static ScenarioException Unknown(string name) =>
        new($"'{name}' is not a level of durability; levels: {string.Join(", ", All)}");
}
