namespace Estream.Host.Tests.Process;

/// <summary>Tests that start hosts run one after the other, because two cores are too few for several loads.</summary>
[CollectionDefinition(Name)]
public sealed class ProcessCollection
{
    public const string Name = "host processes";
}

/// <summary>Tests that kill hosts, load them for a long time or search all their output. They run in parallel with the other tests that
/// start hosts, because they take half of the time of all these tests.</summary>
[CollectionDefinition(Name)]
public sealed class LongProcessCollection
{
    public const string Name = "long host processes";
}
