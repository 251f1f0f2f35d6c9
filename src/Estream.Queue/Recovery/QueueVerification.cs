namespace Estream.Queue;

/// <summary>The result of a full check of a queue.</summary>
/// <param name="SegmentCount">The number of segments checked.</param>
/// <param name="MessageCount">The number of valid messages up to the first damage.</param>
/// <param name="PayloadBytes">The total length of these messages in bytes.</param>
/// <param name="Damage">The first damage, or <see langword="null"/> if there is none.</param>
public sealed record QueueVerification(int SegmentCount, long MessageCount, long PayloadBytes, QueueDamage? Damage)
{
    /// <summary>Whether no damage was found.</summary>
    public bool IsWhole => Damage is null;
}

/// <summary>Where and how a queue is damaged.</summary>
/// <param name="Path">The file.</param>
/// <param name="Offset">The byte offset in the file, -1 if the whole file is meant.</param>
/// <param name="Reason">The contradiction that was found.</param>
public sealed record QueueDamage(string Path, long Offset, string Reason);
