namespace Estream.Host.Configuration;

/// <summary>One queue: a directory below <c>queues/</c>. Null and 0 stand for the library's defaults: its segment size, keep everything, not encrypted.</summary>
internal sealed record QueueSettings(string Name, long? SegmentBytes = null, long RetainedBytes = 0, long MemoryBytes = 0, string? KeyFile = null);
