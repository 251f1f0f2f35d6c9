using Estream.Core;

namespace Estream.Map.Internal;

/// <summary>
/// Checks that the writers of a map agree on its feed. A map with a feed refuses a writer without one, because readers of the events would
/// miss its changes. See docs/decisions/0022.
/// </summary>
internal static class FeedState
{
    /// <summary>Checks the options of the only writer against the map.</summary>
    public static void Require(bool hasFeed, bool hasSink, bool endsFeed, string path)
    {
        if (hasFeed && !hasSink && !endsFeed)
        {
            throw new InvalidOperationException(
                $"The changes of the map of '{path}' are told to a feed, and this writer has none: what it changed would be missing there. "
                + "Open the map with Changes, as the writers before did; or, if nobody follows the events any more, with GivesUpChanges, "
                + "once.");
        }
    }

    /// <summary>Checks the options of a writer that joins others, which all have the feed or all have none.</summary>
    public static void RequireSameAsOthers(bool hasFeed, bool hasSink, bool endsFeed, string path)
    {
        Require(hasFeed, hasSink, endsFeed, path);
        if (hasFeed != hasSink)
        {
            throw new EstreamLeaseException(
                $"Others are writing to the map of '{path}', and {(hasFeed ? "tell" : "do not tell")} its changes to a feed. A feed "
                + $"{(hasFeed ? "is given up" : "begins")} while nobody else has the map "
                + "open for writing: close it there, and open it again.",
                path,
                ownerProcessId: 0);
        }
    }

    public static void RequireSinkFor(MapWriters writers, IChangeSink? sink)
    {
        if (writers == MapWriters.Many && sink is { IsForOneWriter: true })
        {
            throw new ArgumentException(
                "Several write to this map, and the sink in Changes takes the changes of one: a QueueChangeSink of shared appenders takes "
                + "them.");
        }
    }

    public static void RequireOneOption(bool hasSink, bool endsFeed)
    {
        if (hasSink && endsFeed)
        {
            throw new ArgumentException("Changes and GivesUpChanges exclude each other: the one has a feed, the other ends it.");
        }
    }
}
