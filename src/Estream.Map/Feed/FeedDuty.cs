using Estream.Core;

namespace Estream.Map.Internal;

/// <summary>
/// A map whose changes were told once has a feed for good: a writer without one is refused, since who follows the events would have another
/// map from then on and never hear of it. See docs/decisions/0077.
/// </summary>
internal static class FeedDuty
{
    /// <summary>For a writer that is alone: whether it may open the map as it wants to.</summary>
    public static void Require(bool hasFeed, bool isTelling, bool givesUp, string path)
    {
        if (hasFeed && !isTelling && !givesUp)
        {
            throw new InvalidOperationException(
                $"The changes of the map of '{path}' are told to a feed, and this writer has none: what it changed would be missing there. Open the map with Changes, as the writers before did; or, if "
                + "nobody follows the events any more, with GivesUpChanges, once.");
        }
    }

    /// <summary>For one that others write beside, who go by what is so now.</summary>
    public static void RequireAsOthers(bool hasFeed, bool isTelling, bool givesUp, string path)
    {
        Require(hasFeed, isTelling, givesUp, path);
        if (hasFeed != isTelling)
        {
            throw new EstreamLeaseException(
                $"Others are writing to the map of '{path}', and {(hasFeed ? "tell" : "do not tell")} its changes to a feed. A feed {(hasFeed ? "is given up" : "begins")} while nobody else has the map "
                + "open for writing: close it there, and open it again.",
                path,
                ownerProcessId: 0);
        }
    }

    public static void RequireRoomFor(MapWriters writers, IChangeSink? sink)
    {
        if (writers == MapWriters.Many && sink is { IsForOneWriter: true })
        {
            throw new ArgumentException("Several write to this map, and the sink in Changes takes the changes of one: a QueueChangeSink of shared appenders takes them.");
        }
    }

    public static void RequireSense(bool isTelling, bool givesUp)
    {
        if (isTelling && givesUp)
        {
            throw new ArgumentException("Changes and GivesUpChanges exclude each other: the one has a feed, the other ends it.");
        }
    }
}
