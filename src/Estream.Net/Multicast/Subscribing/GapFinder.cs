namespace Estream.Net.Multicast.Internal;

/// <summary>Where a receiver is in the stream.</summary>
/// <param name="Anchor">The position of the last message that it has, at least in part; 0 before the first one.</param>
/// <param name="End">The first address that it does not have.</param>
/// <param name="IsComplete">Whether it has all of that message.</param>
internal readonly record struct StreamPlace(long Anchor, long End, bool IsComplete)
{
    /// <summary>Whether a packet continues here without a gap.</summary>
    public bool IsFollowedBy(in BufferedPacket packet) =>
        packet.Start <= End || (IsComplete && packet.StartsMessage && packet.Previous == Anchor);
}

/// <summary>Finds the ranges that are missing between packets. Stateless.</summary>
internal static class GapFinder
{
    /// <summary>Finds gaps, the first one first.</summary>
    /// <param name="place">Where the receiver is.</param>
    /// <param name="buffer">The packets that it has kept.</param>
    /// <param name="highest">The first address that was not sent, as far as known.</param>
    /// <param name="gaps">Receives the gaps.</param>
    /// <returns>The number of gaps, at most the length of <paramref name="gaps"/>.</returns>
    public static int Find(StreamPlace place, ReorderBuffer buffer, long highest, Span<NakRange> gaps)
    {
        int count = 0;
        for (int index = 0; index < buffer.Count && count < gaps.Length; index++)
        {
            ref readonly BufferedPacket packet = ref buffer[index];
            if (!place.IsFollowedBy(packet) && packet.Start > place.End)
            {
                gaps[count++] = new NakRange(place.Anchor, place.End, packet.Start);
            }

            if (packet.End > place.End)
            {
                place = new StreamPlace(packet.LastPosition, packet.End, packet.EndsMessage);
            }
        }

        if (count < gaps.Length && highest > place.End)
        {
            gaps[count++] = new NakRange(place.Anchor, place.End, highest);
        }

        return count;
    }
}
