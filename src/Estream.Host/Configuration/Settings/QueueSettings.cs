namespace Estream.Host.Configuration;

/// <summary>One queue: a directory below <c>queues/</c>. Null and 0 stand for the library's defaults: its segment size, no limit of bytes,
/// not encrypted.</summary>
/// <param name="Name">Its name.</param>
/// <param name="SegmentBytes">The size of a segment.</param>
/// <param name="RetainedBytes">How many bytes are kept.</param>
/// <param name="RetainedAge">For how long; zero for ever, null as the schemas of its messages say.</param>
/// <param name="MemoryBytes">How much of it may lie in the page cache.</param>
/// <param name="KeyFile">Its master keys.</param>
/// <param name="Witness">How it is witnessed; null where it is not.</param>
internal sealed record QueueSettings(string Name, long? SegmentBytes = null, long RetainedBytes = 0, TimeSpan? RetainedAge = null, long MemoryBytes = 0, string? KeyFile = null,
    WitnessSettings? Witness = null);
