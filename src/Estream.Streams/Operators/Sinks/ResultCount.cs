namespace Estream.Streams.Operators;

/// <summary>How many results there are, and how many bytes they have.</summary>
internal readonly record struct ResultCount(long Count, long Bytes)
{
    public ResultCount And(long count, long bytes) => new(Count + count, Bytes + bytes);

    public ResultCount And(ResultCount more) => And(more.Count, more.Bytes);
}
