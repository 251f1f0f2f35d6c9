namespace Estream.Host.Configuration;

/// <summary>One queue: a directory below <c>queues/</c>. <paramref name="SegmentBytes"/> is null for the library's default.</summary>
internal sealed record QueueSettings(string Name, long? SegmentBytes);
