namespace Estream.Queue;

/// <summary>What a full check of a queue found.</summary>
/// <param name="SegmentCount">Segments checked.</param>
/// <param name="MessageCount">Messages found whole, up to the first damage.</param>
/// <param name="PayloadBytes">Their bytes.</param>
/// <param name="Damage">The first damage, or <see langword="null"/> when everything is whole.</param>
public sealed record QueueVerification(int SegmentCount, long MessageCount, long PayloadBytes, QueueDamage? Damage)
{
    /// <summary>Whether everything is whole.</summary>
    public bool IsWhole => Damage is null;
}

/// <summary>Where and how a queue is damaged.</summary>
/// <param name="Path">The file.</param>
/// <param name="Offset">The byte offset in it, -1 when the file as a whole is meant.</param>
/// <param name="Reason">What contradicts what.</param>
public sealed record QueueDamage(string Path, long Offset, string Reason);
