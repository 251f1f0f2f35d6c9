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
                $"The map of '{path}' publishes its changes to a feed, but this writer has no feed: the feed would lack its changes. "
                + "Open the map with Changes, as earlier writers did. If no reader follows the events any more, use GivesUpChanges "
                + "once.");
        }
    }

    /// <summary>Checks the options of a writer that joins other writers; either all of them have the feed or none has.</summary>
    public static void RequireSameAsOthers(bool hasFeed, bool hasSink, bool endsFeed, string path)
    {
        Require(hasFeed, hasSink, endsFeed, path);
        if (hasFeed != hasSink)
        {
            throw new EstreamLeaseException(
                $"Other writers have the map of '{path}' open and {(hasFeed ? "publish" : "do not publish")} its changes to a feed. A feed "
                + $"{(hasFeed ? "ends" : "begins")} only while no other writer has the map "
                + "open: close the other writers, and open the map again.",
                path,
                ownerProcessId: 0);
        }
    }

    public static void RequireSinkFor(MapWriters writers, IChangeSink? sink)
    {
        if (writers == MapWriters.Many && sink is { IsForOneWriter: true })
        {
            throw new ArgumentException(
                "The map has several writers, but the sink in Changes supports one. A QueueChangeSink with shared appenders supports "
                + "several.");
        }
    }

    public static void RequireOneOption(bool hasSink, bool endsFeed)
    {
        if (hasSink && endsFeed)
        {
            throw new ArgumentException("Changes and GivesUpChanges exclude each other: Changes uses a feed, GivesUpChanges ends it.");
        }
    }
}
