using Estream.Scenarios.Harness;

namespace Estream.Scenarios.Codecs;

/// <summary>How many different messages of a schema there are, and how often they are encoded or decoded in a round.</summary>
/// <param name="Messages">Different messages: a power of two, few enough that they stay in the first-level cache with what they are made
/// of.</param>
/// <param name="SlotBytes">Room for one encoded message of any codec: an odd number of cache lines, lest all slots fall into the same sets
/// of the cache, except where a signature fills most of it: four slots of 97 lines made one copy, by hand and of IoTCommand, four times as
/// slow.</param>
/// <param name="Batches">Batches of a round, so that it takes some 12 ms: there are many cases.</param>
internal sealed record CodecWorkload(int Messages, int SlotBytes, int Batches)
{
    /// <summary>A multiple of every number of messages.</summary>
    public const int BatchOperations = 128;

    /// <summary>Whole batches in any portion.</summary>
    public const int LargestPortion = 8;

    public long Operations(RunSize size, int portion) => size.Of(Batches, LargestPortion) / portion * BatchOperations;
}
