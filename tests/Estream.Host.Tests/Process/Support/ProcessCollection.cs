namespace Estream.Host.Tests.Process;

/// <summary>Tests that start hosts run one after the other, because two cores are too few for several loads.</summary>
[CollectionDefinition(Name, DisableParallelization = true)]
public sealed class ProcessCollection
{
    public const string Name = "host processes";
}
