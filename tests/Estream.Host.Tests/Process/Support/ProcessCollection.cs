namespace Estream.Host.Tests.Process;

/// <summary>Tests that start hosts run one after the other: two cores do not carry several loads at once.</summary>
[CollectionDefinition(Name, DisableParallelization = true)]
public sealed class ProcessCollection
{
    public const string Name = "host processes";
}
